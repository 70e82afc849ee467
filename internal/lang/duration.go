package lang

import (
	"regexp"
	"strings"
)

// durationParts are the parts of an ISO 8601 duration; those of the time of day stand behind a T.
var durationParts = regexp.MustCompile(`T|(\d+)([YMWDHS])`)

// Duration tells an ISO 8601 duration in words, in a language that the program speaks: `30 giorni lavorativi`. What sort of
// days they are is "working", "calendar" or "", for nothing in particular. It is "" for no duration.
func Duration(tag Tag, period, days string) string {
	var said []string
	time := ""
	for _, part := range durationParts.FindAllStringSubmatch(period, -1) {
		count, unit := part[1], part[2]
		if unit == "" {
			time = "T"
			continue
		}
		key := "duration." + time + unit
		if unit == "D" && days != "" {
			key += "." + days
		}
		if count == "1" {
			key += ".one"
		}
		said = append(said, Message(tag, key, count))
	}
	return strings.Join(said, Message(tag, "duration.and"))
}
