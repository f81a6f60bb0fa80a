package server

import "bytes"

// plainJSON gives the body without what the documents' own examples have and JSON has not: a leading byte-order mark,
// comments, and commas before a closing bracket (HTTP-JSON). Each is replaced by blanks, so that what is left stands where
// it stood. A body without any of them comes back as it is; what else is wrong with one is left for the decoder to find.
func plainJSON(body []byte) []byte {
	p := plainer{body: body, comma: -1}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		p.blank(0, 3)
	}
	for i := 0; i < len(p.body); {
		end := i + 1
		switch c := p.body[i]; c {
		case '"':
			end = endOfString(p.body, i)
			p.mark(i, c)
		case '/':
			if end = endOfComment(p.body, i); end == i {
				return p.body
			}
			p.blank(i, end)
		case ' ', '\t', '\r', '\n':
		default:
			p.mark(i, c)
		}
		i = end
	}
	return p.body
}

// plainer is the work on one body, which is copied before the first change.
type plainer struct {
	body   []byte
	copied bool
	last   byte // the last byte that is neither blank nor in a comment
	comma  int  // where last is, if it is a comma after a value; else -1
}

// mark goes past a byte of JSON, and takes out the comma before it when it closes what the comma is in.
func (p *plainer) mark(i int, c byte) {
	if (c == '}' || c == ']') && p.comma >= 0 {
		p.blank(p.comma, p.comma+1)
	}
	p.comma = -1
	if c == ',' && !bytes.ContainsRune([]byte("[{,:"), rune(p.last)) {
		p.comma = i
	}
	p.last = c
}

// blank replaces bytes by blanks; line ends stay.
func (p *plainer) blank(from, to int) {
	if !p.copied {
		p.body, p.copied = bytes.Clone(p.body), true
	}
	for i := from; i < to; i++ {
		if p.body[i] != '\n' {
			p.body[i] = ' '
		}
	}
}

// endOfString gives where the string that begins at i is over.
func endOfString(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(body)
}

// endOfComment gives where the comment that begins at i is over, or i if none does.
func endOfComment(body []byte, i int) int {
	rest := body[i:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			return i + n
		}
		return len(body)
	case bytes.HasPrefix(rest, []byte("/*")):
		if n := bytes.Index(rest[2:], []byte("*/")); n >= 0 {
			return i + 2 + n + 2
		}
	}
	return i
}
