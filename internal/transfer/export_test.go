package transfer

import (
	"bufio"
	"encoding/json"
	"strings"
)

// Tables are the beginnings of the parts of a file, as they are written.
func Tables() (list []string) {
	for _, s := range sections {
		text, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		list = append(list, string(text))
	}
	return list
}

// Knows reports whether a table is carried, or left out on purpose.
func Knows(table string) bool {
	for _, s := range sections {
		if s.Table == table {
			return true
		}
	}
	return leftOut[table] != ""
}

// Rechecked is a file with checks that are right for what is in it. What is no line of a file is left out.
func Rechecked(file string) string {
	var out strings.Builder
	w := &writer{out: bufio.NewWriter(&out), chain: newChain()}
	for text := range strings.Lines(file) {
		var l line
		if json.Unmarshal([]byte(text), &l) == nil {
			w.line(l.Kind, l.Data)
		}
	}
	w.out.Flush()
	return out.String()
}
