package main

import (
	"fmt"
	"strings"

	"github.com/cartwright-dev/cartwright/server/catalog"
)

// catalogCheck reads files of what can be bought.
type catalogCheck struct {
	Files          []string `arg:"" name:"file" help:"Catalogues (.yaml, .json) and price lists of Partner Center (.csv), in the order of serve's --catalog."`
	BuiltinCatalog bool     `default:"true" negatable:"" help:"Read them on top of the built-in catalogue, as serve does."`
}

// Run prints one line for each file, or gives what is wrong with the first that is.
func (c *catalogCheck) Run(o output) error {
	all, err := catalog.Check(catalog.Options{Files: c.Files, Builtin: c.BuiltinCatalog, Progress: progress(o.stderr)})
	if err != nil {
		return err
	}
	for _, f := range all {
		if _, err := fmt.Fprintf(o.stdout, "%s: %s\n", f.Name, describe(f)); err != nil {
			return err
		}
	}
	return nil
}

// describe says what is in a file.
func describe(f catalog.Contents) string {
	said := []string{
		count(f.Products, "product"), count(f.SKUs, "SKU"), count(f.Availabilities, "availability"), count(f.Prices, "price"),
	}
	if f.Promotions > 0 {
		said = append(said, count(f.Promotions, "promotion"))
	}
	text := strings.Join(said, ", ")
	if len(f.Markets) > 0 {
		text += "; markets " + strings.Join(f.Markets, ", ")
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, isY := strings.CutSuffix(what, "y"); isY {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
