// Package ratings reads films and what people thought of them from files: the folders of MovieLens in its three forms, and a CSV and a
// JSON of our own, which docs/catalogue.md describes. Start with [Read]. What can be shown in a sidebar of it is [Set.Catalogue].
package ratings
