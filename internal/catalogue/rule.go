package catalogue

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/hours"
)

// GateRule is something that documents and requests are held to. Its name is in every finding; what it checks, and what would
// be right, are its sentences in package lang, under `rule.<name>.message` and `.expected`.
type GateRule struct {
	Name     string
	Level    Level    // from which it holds; "" of the parameters of a request, which have no level
	Severity Severity // of a finding at that level
	Below    Severity // of a finding at a lower level: a warning where nothing is said
	Kinds    []Kind   // that it is about, nil for all
	Source   string   // the law or standard that asks for it, "" where it is ours
}

// The sources that several rules have.
const (
	sourceCard    = "Modello Comuni, C.SI.1.3"
	sourceCAD     = "D.Lgs. 82/2005, art. 64 c. 2-quater"
	sourceTimes   = "ISO 8601-1:2019"
	sourceHTTPS   = "Modello Comuni, C.SI.5.1"
	sourceRFC3986 = "RFC 3986"
)

// GateRules are all there are: no finding names another. They stand in the order of their parts of the program: the decoder,
// bounds and formats, references, what fields say of each other, completeness, timetables, texts, parameters of requests.
var GateRules = slices.Concat(decoderRules, formatRules, referenceRules, contentRules, hoursRules, textRules, parameterRules)

// The rules of the decoder.
const (
	ruleUnknownField = "unknown_field"
	ruleType         = "type"
	ruleDuplicate    = "duplicate"
	ruleLanguage     = "language"
	ruleBlank        = "blank"
	ruleCharacter    = "character"
	ruleTerm         = "term"
	ruleReference    = "reference"
)

var decoderRules = []GateRule{
	{Name: ruleUnknownField, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleType, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleDuplicate, Level: LevelDraft, Severity: SeverityError, Source: "RFC 8259, 4"},
	{Name: ruleLanguage, Level: LevelDraft, Severity: SeverityError, Source: "BCP 47"},
	{Name: ruleBlank, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleCharacter, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleTerm, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleReference, Level: LevelDraft, Severity: SeverityError},
}

// The rules of bounds and formats, most of them named as the tags of validator.
const (
	ruleRequired  = "required"
	ruleItalian   = "italian"
	ruleTooLong   = "too_long"
	ruleTooShort  = "too_short"
	ruleTooMany   = "too_many"
	ruleTooFew    = "too_few"
	ruleRange     = "range"
	ruleUnique    = "unique"
	ruleOneOf     = "one_of"
	ruleLink      = "link"
	ruleDate      = "date"
	rulePeriod    = "period"
	ruleMoment    = "moment"
	ruleChecksum  = "sha256"
	ruleCIG       = "cig"
	ruleAmount    = "amount"
	ruleCurrency  = "currency"
	ruleCountry   = "country"
	ruleSlug      = "slug"
	ruleSlugTaken = "slug_taken"
	ruleOrigin    = "origin"
	ruleNote      = "note"
	rulePast      = "past"
	ruleNowhere   = "nowhere"
)

var formatRules = []GateRule{
	{Name: ruleRequired, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleItalian, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleTooLong, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleTooShort, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleTooMany, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleTooFew, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleRange, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleUnique, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleOneOf, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleLink, Level: LevelDraft, Severity: SeverityError, Source: sourceRFC3986},
	{Name: ruleDate, Level: LevelDraft, Severity: SeverityError, Source: sourceTimes},
	{Name: rulePeriod, Level: LevelDraft, Severity: SeverityError, Source: sourceTimes},
	{Name: ruleMoment, Level: LevelDraft, Severity: SeverityError, Source: "RFC 3339"},
	{Name: ruleChecksum, Level: LevelDraft, Severity: SeverityError, Source: "FIPS 180-4"},
	{Name: ruleCIG, Level: LevelDraft, Severity: SeverityError, Source: "L. 136/2010, art. 3"},
	{Name: ruleAmount, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleCurrency, Level: LevelDraft, Severity: SeverityError, Source: "ISO 4217"},
	{Name: ruleCountry, Level: LevelDraft, Severity: SeverityError, Source: "ISO 3166-1"},
	{Name: ruleSlug, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleSlugTaken, Level: LevelDraft, Severity: SeverityError},
	{Name: rulePast, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleNowhere, Level: LevelDraft, Severity: SeverityError, Source: "RFC 6901"},
	{Name: ruleNote, Level: LevelPublish, Severity: SeverityError},
	{Name: ruleOrigin, Level: LevelDraft, Severity: SeverityError, Source: "RFC 6454, 6.2"},
}

// The rules about other entries, which package publishing knows.
const (
	ruleExists    = "exists"
	rulePublished = "published"
	ruleCycle     = "cycle"
	ruleCopied    = "copied"
)

var referenceRules = []GateRule{
	{Name: ruleExists, Level: LevelDraft, Severity: SeverityError},
	{Name: rulePublished, Level: LevelPublish, Severity: SeverityError},
	{Name: ruleCycle, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleCopied, Level: LevelPortal, Severity: SeverityAdvice},
}

// The rules about what a document says as a whole.
const (
	ruleExclusive      = "exclusive"
	ruleOrder          = "order"
	ruleContactValue   = "contact_value"
	ruleEvidenceCode   = "evidence_code"
	ruleSwapped        = "swapped"
	ruleSynonyms       = "synonyms"
	ruleMissing        = "missing"
	ruleReachable      = "reachable"
	ruleStatusReason   = "status_reason"
	ruleChannelTarget  = "channel_target"
	ruleDigitalFirst   = "digital_alternative"
	ruleAuthentication = "authentication"
	ruleHTTPS          = "https"
	rulePublicAddress  = "public_address"
	ruleBooking        = "booking"
	rulePhonePrefix    = "phone_prefix"
	ruleNotOffered     = "not_offered"
	ruleLocked         = "locked"
	ruleLockable       = "lockable"
)

var connected = []Kind{KindService, KindChannel}

var contentRules = []GateRule{
	{Name: ruleExclusive, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleOrder, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleContactValue, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleEvidenceCode, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindService, KindProcedure}},
	{Name: ruleSwapped, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindPlace}},
	{Name: ruleSynonyms, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleMissing, Level: LevelPublish, Severity: SeverityError}, // or LevelPortal: the level of the part, whose source it has too
	{Name: ruleReachable, Level: LevelPublish, Severity: SeverityError, Kinds: []Kind{KindService}},
	{Name: ruleStatusReason, Level: LevelPublish, Severity: SeverityError, Kinds: []Kind{KindService, KindOffice, KindProcedure}, Source: sourceCard},
	{Name: ruleChannelTarget, Level: LevelPortal, Severity: SeverityError, Kinds: connected},
	{Name: ruleDigitalFirst, Level: LevelPortal, Severity: SeverityError, Kinds: []Kind{KindService}, Source: "D.Lgs. 82/2005, art. 7"},
	{Name: ruleAuthentication, Level: LevelPortal, Severity: SeverityError, Kinds: connected, Source: sourceCAD},
	{Name: ruleHTTPS, Level: LevelPortal, Severity: SeverityError, Source: sourceHTTPS},
	{Name: rulePublicAddress, Level: LevelPortal, Severity: SeverityError, Source: "RFC 2606, RFC 6761, RFC 6890"},
	{Name: ruleBooking, Level: LevelPortal, Severity: SeverityAdvice, Kinds: []Kind{KindTimetable}},
	{Name: rulePhonePrefix, Level: LevelPortal, Severity: SeverityAdvice, Source: "ITU-T E.164"},
	{Name: ruleNotOffered, Level: LevelPortal, Severity: SeverityError, Kinds: []Kind{KindService}},
	{Name: ruleLocked, Level: LevelDraft, Severity: SeverityError},
	{Name: ruleLockable, Level: LevelDraft, Severity: SeverityError},
}

// hoursRules are those that package hours has and this one has not.
var hoursRules = []GateRule{
	{Name: hours.RuleTime, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleMonthDay, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleOverlap, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleAmbiguous, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleNever, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleEmptyException, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleHolidaySet, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable}},
	{Name: hours.RuleHolidayDay, Level: LevelDraft, Severity: SeverityError, Kinds: []Kind{KindTimetable, KindHolidaySet}},
}

// The rules about texts.
const (
	rulePlaceholder   = "placeholder"
	ruleTitleLength   = "title_length"
	ruleSummaryLength = "summary_length"
	ruleAllCaps       = "all_caps"
	ruleRepeatsTitle  = "repeats_title"
	ruleWrongLanguage = "wrong_language"
	ruleOutdated      = "outdated"
	ruleReadability   = "readability"
	rulePlainWords    = "plain_words"
)

var textRules = []GateRule{
	{Name: rulePlaceholder, Level: LevelPublish, Severity: SeverityError},
	{Name: ruleTitleLength, Level: LevelPortal, Severity: SeverityError, Below: SeverityAdvice, Source: sourceCard},
	{Name: ruleSummaryLength, Level: LevelPortal, Severity: SeverityError, Below: SeverityAdvice, Source: sourceCard},
	{Name: ruleAllCaps, Level: LevelPortal, Severity: SeverityAdvice},
	{Name: ruleRepeatsTitle, Level: LevelPortal, Severity: SeverityAdvice},
	{Name: ruleWrongLanguage, Level: LevelPortal, Severity: SeverityAdvice, Source: "WCAG 2.1, 3.1.2"},
	{Name: ruleOutdated, Level: LevelPortal, Severity: SeverityAdvice},
	{Name: ruleReadability, Level: LevelPortal, Severity: SeverityAdvice, Source: "Gulpease (Lucisano, Piemontese 1988)"},
	{Name: rulePlainWords, Level: LevelPortal, Severity: SeverityAdvice, Source: sourcePlain},
}

// sourcePlain asks public offices for common words.
const sourcePlain = "Direttiva 8 maggio 2002 sulla semplificazione del linguaggio dei testi amministrativi"

// parameterRules are those of the parameters of requests, which package api applies beside some of the above.
var parameterRules = []GateRule{
	{Name: "unknown_parameter", Severity: SeverityError},
	{Name: "once", Severity: SeverityError},
	{Name: "number", Severity: SeverityError},
	{Name: "instant", Severity: SeverityError, Source: "RFC 3339"},
	{Name: "days", Severity: SeverityError},
	{Name: "position", Severity: SeverityError},
	{Name: "query_syntax", Severity: SeverityError, Source: sourceRFC3986},
	{Name: "entity_tag", Severity: SeverityError, Source: "RFC 9110, 8.8.3"},
	{Name: "future", Severity: SeverityError},
	{Name: "version", Severity: SeverityError},
	{Name: "idempotency_key", Severity: SeverityError, Source: "draft-ietf-httpapi-idempotency-key-header"},
	{Name: "cursor", Severity: SeverityError},
	{Name: "needs", Severity: SeverityError},
	{Name: "point", Severity: SeverityError, Source: "WGS 84"},
}

var ruleIndex = func() map[string]*GateRule {
	index := make(map[string]*GateRule, len(GateRules))
	for i := range GateRules {
		index[GateRules[i].Name] = &GateRules[i]
	}
	return index
}()

// ruleNamed is the rule of a name. It panics if there is none: a rule that no table has is a mistake of ours.
func ruleNamed(name string) *GateRule {
	r, ok := ruleIndex[name]
	if !ok {
		panic("no rule is named " + name)
	}
	return r
}

// at is how bad it is to break the rule for a document that is checked for a level.
func (r *GateRule) at(from, checked Level) Severity {
	switch {
	case r.Severity == SeverityAdvice || from.rank() <= checked.rank():
		return r.Severity
	case r.Below != "":
		return r.Below
	default:
		return SeverityWarning
	}
}

// finding says that a document that is checked for a level breaks a rule.
func finding(at Pointer, rule string, checked Level, args ...any) Finding {
	r := ruleNamed(rule)
	return Finding{Pointer: at, Rule: rule, Level: r.Level, Severity: r.at(r.Level, checked), Args: args}
}
