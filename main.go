// Command kinoautomat lets rooms of viewers watch one story together and vote live on where it goes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

const usage = `Kinoautomat: rooms of viewers watch one story together and vote live on where it goes.

usage: kinoautomat COMMAND [flags]

  serve     run a node
  import    check a story, or convert it to Twee 3, or import a catalogue of films, with a report
  export    write rooms' journals as JSON lines
  bench     load and latency benchmarks, JSON on standard output
  doctor    what this node would use, what is wrong, and how to mend it
  version   print the version

kinoautomat COMMAND --help lists a command's flags with their defaults.
`

// errUsage ends the program with status 2: what was asked for cannot be understood. Its text names what.
type errUsage struct{ error }

func usagef(format string, args ...any) error { return errUsage{fmt.Errorf(format, args...)} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // the second signal ends the process at once
	}()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	var wrong errUsage
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, "kinoautomat:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "kinoautomat:", err)
		os.Exit(1)
	}
}

// run is main that a test can call.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	commands := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"serve": serve, "import": importStory, "export": export, "bench": runBench, "doctor": doctor,
	}
	if len(args) == 0 {
		fmt.Fprint(stdout, usage)
		return usagef("name a command")
	}
	switch args[0] {
	case "version", "--version":
		fmt.Fprintln(stdout, "kinoautomat", version())
		return nil
	case "help", "--help", "-h":
		fmt.Fprint(stdout, usage)
		return nil
	}
	command, known := commands[args[0]]
	if !known {
		return usagef("there is no command %q; kinoautomat help lists them", args[0])
	}
	return command(ctx, args[1:], stdout, stderr)
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "devel" {
			v += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}
