// Package narratortest is a model server for tests: it speaks the OpenAI-compatible protocol, tells a text that the test knows, and
// fails in every way in which model servers fail. New serves it over TCP, Dial inside a synctest bubble, and a Script is itself an
// http.Handler for anything else. It understands no prompt and checks no key.
package narratortest
