package card

import (
	"regexp"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// spans are the parts of an ISO 8601 duration; those of the time of day stand behind a T.
var spans = regexp.MustCompile(`(\d+)([YMWDHS])`)

// duration tells an ISO 8601 duration in words: `30 giorni lavorativi`. It is "" for none.
func (w writer) duration(period, days string) string {
	date, time, _ := strings.Cut(strings.TrimPrefix(period, "P"), "T")
	var said []string
	for i, part := range []string{date, time} {
		for _, span := range spans.FindAllStringSubmatch(part, -1) {
			unit := [...]string{"", "T"}[i] + span[2]
			if span[1] == "1" {
				unit += ".one"
			}
			said = append(said, lang.Message(w.Language(), "duration."+unit, span[1]))
		}
	}
	if days != "" && len(said) > 0 {
		said = append(said, "("+lang.Message(w.Language(), "duration."+days)+")")
	}
	return strings.Join(said, " ")
}
