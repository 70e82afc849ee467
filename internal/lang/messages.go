package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed messages/*.json
var messageFiles embed.FS

var messages = func() map[Tag]map[string]string {
	all := make(map[Tag]map[string]string, len(Spoken))
	for _, tag := range Spoken {
		data, err := messageFiles.ReadFile("messages/" + string(tag) + ".json")
		if err != nil {
			panic(err)
		}
		var m map[string]string
		if err := json.Unmarshal(data, &m); err != nil {
			panic(fmt.Errorf("messages/%s.json: %w", tag, err))
		}
		all[tag] = m
	}
	return all
}()

// Message returns the program's sentence for a key in a language it speaks, else in the first one it speaks, with the
// arguments put in by fmt's explicit indexes (`%[1]s`). An unknown key is returned as it is; a test keeps the files
// complete.
func Message(tag Tag, key string, args ...any) string {
	format, ok := messages[tag][key]
	if !ok {
		if format, ok = messages[Spoken[0]][key]; !ok {
			return key
		}
	}
	if !strings.Contains(format, "%[") {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// HasMessage reports whether there is a sentence for the key.
func HasMessage(key string) bool {
	_, ok := messages[Spoken[0]][key]
	return ok
}
