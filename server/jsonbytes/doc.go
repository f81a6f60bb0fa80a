// Package jsonbytes writes and reads the bytes of JSON without reflection: what the code of gen/recordjson is made of. It writes
// the bytes that encoding/json.Marshal writes. It reads only these, with no blanks and each member at its place, and says so
// where there is something else, for a reader that takes all of JSON.
package jsonbytes
