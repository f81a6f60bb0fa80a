package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/cartwright-dev/cartwright/server"
)

// version tells which program this is.
type version struct{}

// Run prints the version, what it was built with and for, and of which commit where Go knows it.
func (version) Run(o output) error {
	_, err := fmt.Fprintf(o.stdout, "cartwright %s (%s, %s/%s%s)\n", server.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit())
	return err
}

// commit tells of which commit the program was built.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return ""
	}
	if settings["vcs.modified"] == "true" {
		return ", " + revision + " with changes"
	}
	return ", " + revision
}
