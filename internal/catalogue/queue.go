package catalogue

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Queue is a sort of work that entries wait for.
type Queue string

// The queues that the state of an entry decides, and those of its times.
const (
	QueueReviewDue       Queue = "review_due"
	QueueReviewOverdue   Queue = "review_overdue"
	QueueReviewEscalated Queue = "review_escalated"
	QueueStaleDrafts     Queue = "stale_drafts"
	QueueInReview        Queue = "in_review"
	QueueApproved        Queue = "approved"
	QueueScheduled       Queue = "scheduled"
)

// The queues that other entries decide too.
const (
	QueueUnavailableReferences Queue = "unavailable_references"
	QueueDuplicates            Queue = "duplicates"
	QueueNoHours               Queue = "no_hours"
)

// The queues of what public entries lack, see Concerns.
const (
	QueueNoOwner              Queue = "no_owner"
	QueueNoContacts           Queue = "no_contacts"
	QueueNoOnlineWay          Queue = "no_online_way"
	QueueIncomplete           Queue = "incomplete"
	QueueHardToRead           Queue = "hard_to_read"
	QueueMissingTranslations  Queue = "missing_translations"
	QueueOutdatedTranslations Queue = "outdated_translations"
	QueueEndedValidity        Queue = "ended_validity"
	QueueEndedNotices         Queue = "ended_notices"
	QueueNotOfferedNoWayOn    Queue = "not_offered_no_way_on"
)

// Queues lists every queue, those that somebody waits for first.
var Queues = []Queue{
	QueueInReview, QueueApproved, QueueScheduled, QueueReviewEscalated, QueueReviewOverdue, QueueReviewDue, QueueStaleDrafts,
	QueueUnavailableReferences, QueueEndedValidity, QueueEndedNotices, QueueNotOfferedNoWayOn, QueueNoOwner, QueueNoContacts,
	QueueNoHours, QueueNoOnlineWay, QueueIncomplete, QueueHardToRead, QueueOutdatedTranslations, QueueMissingTranslations,
	QueueDuplicates,
}

// Concern is what somebody should look after in an entry: its place in a queue.
type Concern struct {
	Queue   Queue
	Since   time.Time // may be to come
	Details []string  // pointers or languages
}

// ruleQueues are the queues that findings lead to, by their rules.
var ruleQueues = map[string]Queue{
	ruleOutdated:    QueueOutdatedTranslations,
	ruleNotOffered:  QueueNotOfferedNoWayOn,
	ruleReadability: QueueHardToRead,
	rulePlainWords:  QueueHardToRead,
}

// Concerns lists what a document lacks that becomes public at an instant, by the findings about it and by what it says
// itself. Two things the caller has to know: whether somebody owns the entry, and whether one of its shared channels can be
// used from anywhere.
func Concerns(doc Document, findings Findings, at time.Time, owned, onlineByChannel bool) []Concern {
	var found []Concern
	add := func(queue Queue, since time.Time, details ...string) {
		if since.Before(at) {
			since = at
		}
		i := slices.IndexFunc(found, func(c Concern) bool { return c.Queue == queue })
		if i < 0 {
			found = append(found, Concern{queue, since, details})
			return
		}
		found[i].Details = append(found[i].Details, details...)
		if since.Before(found[i].Since) {
			found[i].Since = since
		}
	}
	if !owned {
		add(QueueNoOwner, at)
	}
	for _, f := range findings {
		queue, known := ruleQueues[f.Rule]
		switch {
		case known:
		case f.Rule == ruleMissing && f.Pointer == "/contacts":
			queue = QueueNoContacts
		case f.Level == LevelPortal && f.Severity == SeverityWarning:
			queue = QueueIncomplete
		default:
			continue
		}
		add(queue, at, string(f.Pointer))
	}
	if missing := missingLanguages(doc); len(missing) > 0 {
		add(QueueMissingTranslations, at, missing...)
	}
	for i, n := range doc.Common().Notices {
		if end := ending(n.To); !end.IsZero() {
			add(QueueEndedNotices, end, string(Pointer("/notices").Index(i)))
		}
	}
	if s, ok := doc.(*Service); ok {
		if end := ending(s.ValidTo); !end.IsZero() {
			add(QueueEndedValidity, end, "/validTo")
		}
		if !onlineByChannel && s.offline() {
			add(QueueNoOnlineWay, at)
		}
	}
	return found
}

// offline reports whether a service that can be had has no digital way of its own, and does not say why.
func (s *Service) offline() bool {
	if s.NotOffered != nil {
		return false
	}
	for _, c := range s.Connections {
		digital := c.Inline != nil && (&Way{Access: c.Inline.Access}).digital()
		if digital || len(c.DigitalAlternative) > 0 || len(c.NoDigitalReason) > 0 {
			return false
		}
	}
	return true
}

// IsDigital reports whether nobody need go or telephone anywhere to use a channel of a type of the national list.
func IsDigital(channelType string) bool {
	return (&Way{Access: Access{Type: channelType}}).digital()
}

// untranslated are the fields that need not be there in every language.
var untranslated = []string{"alternativeTitles", "keywords"}

// missingLanguages lists the languages that some texts of a document have, but not all. English counts as one of them even
// where no text has it.
func missingLanguages(doc Document) []string {
	texts, translated := 0, map[lang.Tag]int{lang.English: 0}
	Texts(doc, func(text lang.Text, at Pointer) {
		field, _, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
		if len(text) == 0 || slices.Contains(untranslated, field) {
			return
		}
		texts++
		for tag := range text {
			translated[tag]++
		}
	})
	var missing []string
	for _, tag := range lang.Tags {
		if n, wanted := translated[tag]; wanted && n < texts {
			missing = append(missing, string(tag))
		}
	}
	return missing
}

// Likeness is the same for documents that may be about the same thing: the kind, and the Italian title without case,
// accents, punctuation and spaces, which people write one way or another.
func Likeness(doc Document) string {
	b := new(strings.Builder)
	b.WriteString(string(doc.Kind()) + ":")
	for _, r := range norm.NFKD.String(strings.ToLower(doc.Common().Title[lang.Italian])) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}
