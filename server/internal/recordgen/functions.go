package main

import (
	"bytes"
	"fmt"
	"go/types"
	"strings"
)

// appendAny writes the function that appends a value of any type.
func appendAny(out *bytes.Buffer, types []types.Type) {
	out.WriteString(`
// Append appends a value as encoding/json writes it: what is no pointer to a value of one of these types, with its help. It fails
// where a value has no JSON.
func Append(b []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
`)
	for _, t := range types {
		fmt.Fprintf(out, "case *%s:\nif v != nil {\nb = write%s(b, v, &err)\nreturn b, err\n}\n", text(t), nameOf(t))
	}
	out.WriteString("}\nencoded, err := json.Marshal(v)\nreturn append(b, encoded...), err\n}\n")
}

// readAny writes the function that reads the values of some types.
func readAny(out *bytes.Buffer, types []types.Type) {
	out.WriteString(`
// Read reads a value of one of these types, to which v points and which is zero, from what Append writes. Where it is another
// type, or anything else is written, it reports false, and the value is zero still: that is for a reader of all JSON. Nobody may
// change the data afterwards: the strings of the value are parts of it.
func Read(data []byte, v any) bool {
	r := jsonbytes.NewReader(data)
	switch v := v.(type) {
`)
	for _, t := range types {
		fmt.Fprintf(out, "case *%[1]s:\nif read%[2]s(&r, v); r.Done() {\nreturn true\n}\n*v = %[1]s{}\n", text(t), nameOf(t))
	}
	out.WriteString("}\nreturn false\n}\n")
}

// reader writes the function that reads a struct.
func reader(out *bytes.Buffer, t types.Type, members []member) {
	fmt.Fprintf(out, "\nfunc read%s(r *jsonbytes.Reader, v *%s) {\nr.Object()\n", nameOf(t), text(t))
	for _, m := range members {
		fmt.Fprintf(out, "if r.Name(`%q:`) {\n%s}\n", m.name, read("v."+m.Name(), m.Type()))
	}
	out.WriteString("r.End()\n}\n")
}

// writer writes the function that writes a struct.
func writer(out *bytes.Buffer, t types.Type, members []member) error {
	fmt.Fprintf(out, "\nfunc write%s(b []byte, v *%s, err *error) []byte {\nbegin := len(b)\n", nameOf(t), text(t))
	for _, m := range members {
		condition, err := there("v."+m.Name(), m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		value, err := write("v."+m.Name(), m.Type(), condition != "")
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		statements := fmt.Sprintf("b = append(b, `,%q:`...)\n%s", m.name, value)
		if condition != "" {
			statements = fmt.Sprintf("if %s {\n%s}\n", condition, statements)
		}
		out.WriteString(statements)
	}
	out.WriteString("return jsonbytes.Enclose(b, begin, '{', '}')\n}\n")
	return nil
}

// zeroTest writes the function that tells whether a struct is zero.
func zeroTest(out *bytes.Buffer, t types.Type, members []member) error {
	var conditions []string
	for _, m := range members {
		condition, err := isZero("v."+m.Name(), m.Type())
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		conditions = append(conditions, condition)
	}
	fmt.Fprintf(out, "\nfunc isZero%s(v *%s) bool {\nreturn %s\n}\n", nameOf(t), text(t), strings.Join(conditions, " &&\n"))
	return nil
}
