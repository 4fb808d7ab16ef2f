package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinoautomat/narrator"
)

// settings reads a command's flags from three places: the command line wins, then the environment (KINO_…), then the file of
// --config. Secrets can also be named by file (KINO_…_FILE).
type settings struct {
	*flag.FlagSet
	secrets []string
}

func newSettings(command string) *settings {
	s := &settings{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError)}
	s.SetOutput(io.Discard)
	s.String("config", "", "`file` with lines of the form name = value")
	return s
}

// secret is a string flag whose value is never shown and can stand in a file.
func (s *settings) secret(name, usage string) *string {
	s.secrets = append(s.secrets, name)
	return s.String(name, "", usage)
}

// list collects a flag that may be given several times, or once with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}

// environment is the variable of a flag.
func environment(name string) string {
	return "KINO_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// read fills the flags in. It returns flag.ErrHelp after printing the help, and an errUsage for anything that is not understood.
func (s *settings) read(args []string, stdout io.Writer) error {
	if err := s.Parse(args); errors.Is(err, flag.ErrHelp) {
		s.help(stdout)
		return err
	} else if err != nil {
		return s.misread(err)
	}
	given := map[string]bool{}
	s.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := s.readEnvironment(given); err != nil {
		return err
	}
	if path := s.Lookup("config").Value.String(); path != "" {
		return s.readFile(path, given)
	}
	return nil
}

// misread is what is wrong with a command line, with flags as people write them.
func (s *settings) misread(err error) error {
	if name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); unknown {
		return usagef("%s: there is no flag --%s; kinoautomat %s --help lists them", s.Name(), name, s.Name())
	}
	if name, bare := strings.CutPrefix(err.Error(), "flag needs an argument: -"); bare {
		return usagef("--%s: a value is missing", name)
	}
	if wrong := wrongValue.FindStringSubmatch(err.Error()); wrong != nil {
		if value, unquoted := strconv.Unquote(wrong[1]); unquoted == nil {
			return usagef("--%s: %w", wrong[2], kindOf(s.Lookup(wrong[2]), value, errors.New(wrong[3])))
		}
	}
	return usagef("%s: %w", s.Name(), err)
}

// wrongValue is how package flag says that a value does not fit.
var wrongValue = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): (.*)$`)

// kindOf says what a flag wants that does not take a value.
func kindOf(f *flag.Flag, value string, err error) error {
	getter, ok := f.Value.(flag.Getter)
	if !ok {
		return err
	}
	switch getter.Get().(type) {
	case time.Duration:
		return fmt.Errorf("%q is no duration such as 90m or 720h", value)
	case int, int64, uint, uint64:
		return fmt.Errorf("%q is no whole number", value)
	case float64:
		return fmt.Errorf("%q is no number", value)
	case bool:
		return fmt.Errorf("%q is neither true nor false", value)
	}
	return err
}

// fromKubernetes are the variables that it sets in every container beside a service of the name kino or kino-….
var fromKubernetes = regexp.MustCompile(`^KINO_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

func (s *settings) readEnvironment(given map[string]bool) error {
	known := map[string]bool{narrator.KeyVariable: true} // no flag: a key on a command line would be seen by everybody on the machine
	var wrong error
	s.VisitAll(func(f *flag.Flag) {
		name := environment(f.Name)
		known[name] = true
		value, set := os.LookupEnv(name)
		if slices.Contains(s.secrets, f.Name) {
			known[name+"_FILE"] = true
			if path := os.Getenv(name + "_FILE"); path != "" && !set {
				text, err := os.ReadFile(path)
				if err != nil {
					wrong = usagef("%s_FILE: %w", name, err)
					return
				}
				value, set = strings.TrimSpace(string(text)), true
			}
		}
		if !set || given[f.Name] {
			return
		}
		if err := s.Set(f.Name, value); err != nil {
			wrong = usagef("%s: %w", name, kindOf(f, value, err))
		}
		given[f.Name] = true
	})
	if wrong != nil {
		return wrong
	}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "KINO_") && !strings.HasPrefix(name, "KINO_TEST_") && !known[name] && !fromKubernetes.MatchString(name) && s.Name() == "serve" {
			return usagef("environment variable %s is no setting; kinoautomat serve --help lists them", name)
		}
	}
	return nil
}

func (s *settings) readFile(path string, given map[string]bool) error {
	file, err := os.Open(path)
	if err != nil {
		return usagef("--config: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok:
			return usagef("%s:%d: write name = value", path, n)
		case s.Lookup(name) == nil || name == "config":
			return usagef("%s:%d: %q is no setting; kinoautomat %s --help lists them", path, n, name, s.Name())
		case given[name]:
			continue
		}
		value = strings.Trim(value, `"`)
		if err := s.Set(name, value); err != nil {
			return usagef("%s:%d: %s: %w", path, n, name, kindOf(s.Lookup(name), value, err))
		}
	}
	return lines.Err()
}

// help prints every setting with its default and its variable.
func (s *settings) help(w io.Writer) {
	fmt.Fprintf(w, "usage: kinoautomat %s [flags]\n\nEvery flag can also be set by its environment variable or by a line of the --config file.\n\n", s.Name())
	s.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  --%s %s\n        %s", f.Name, kind, text)
		if f.DefValue != "" {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		if f.Name != "config" {
			fmt.Fprintf(w, " [%s]", environment(f.Name))
		}
		fmt.Fprintln(w)
	})
}
