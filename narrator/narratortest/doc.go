// Package narratortest is a model server for tests: it speaks the OpenAI-compatible protocol and Ollama's own, tells a text that the test knows,
// follows JSON schemas or not, and fails in every way in which model servers fail. New serves it over TCP, Dial inside a synctest bubble, and a
// Script is itself an http.Handler for anything else. It understands no prompt.
package narratortest
