package catalogue

import (
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// CheckBounds checks the bounds and formats of what was decoded, a document or a request, by its `validate` tags, and adds
// what it finds.
func CheckBounds(body any, findings *Findings) {
	err := documentValidator.Struct(body)
	if err == nil {
		return
	}
	broken, ok := err.(validator.ValidationErrors) //nolint:errorlint // Struct returns it as it is
	if !ok {
		panic(err) // a type that cannot be validated is a mistake of ours
	}
	for _, fe := range broken {
		reportField(findings, fe)
	}
}

// Check checks a document for a level: what belongs to a higher level is a warning.
func Check(doc Document, level Level, findings *Findings) {
	CheckBounds(doc, findings)
	c := checker{level: level, findings: findings}
	c.texts(doc)
	c.head(doc.Common())
	doc.check(&c)
	c.parts(doc)
}

// AddMissing adds that no entry of that name exists, for this publisher's eyes.
func (f *Findings) AddMissing(at Pointer, to Ref) {
	f.add(finding(at, ruleExists, LevelDraft, to.String(), string(to.Kind)))
}

// AddUnpublished adds that the entry exists but is not public.
func (f *Findings) AddUnpublished(at Pointer, to Ref, checked Level) {
	f.add(finding(at, rulePublished, checked, to.String(), string(to.Kind)))
}

// AddCycle adds that a reference leads back to the entry itself, by way of the entries with these keys.
func (f *Findings) AddCycle(at Pointer, way []string) {
	f.add(finding(at, ruleCycle, LevelDraft, strings.Join(way, " → ")))
}

// AddCopied adds that a text is the same as one of another entry, or nearly.
func (f *Findings) AddCopied(at Pointer, from Ref, there Pointer) {
	f.add(finding(at, ruleCopied, LevelPortal, from.String(), string(from.Kind), string(there)))
}

// AddSlugTaken adds that another entry of the kind has, or had, the slug.
func (f *Findings) AddSlugTaken(slug, free string) {
	f.add(finding("/slug", ruleSlugTaken, LevelDraft, slug, free))
}

var documentValidator = func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	for tag, valid := range map[string]func(fl validator.FieldLevel) bool{
		"text": func(fl validator.FieldLevel) bool {
			return textProblem(fl.Field().Interface().(lang.Text), fl.Param()) == nil
		},
		"link":     func(fl validator.FieldLevel) bool { return validLink(fl.Field().String()) },
		"date":     func(fl validator.FieldLevel) bool { return validDate(fl.Field().String()) },
		"period":   func(fl validator.FieldLevel) bool { return validPeriod(fl.Field().String()) },
		"moment":   func(fl validator.FieldLevel) bool { return !beginning(fl.Field().String()).IsZero() },
		"sha256":   func(fl validator.FieldLevel) bool { return checksumPattern.MatchString(fl.Field().String()) },
		"cig":      func(fl validator.FieldLevel) bool { return cigPattern.MatchString(fl.Field().String()) },
		"amount":   func(fl validator.FieldLevel) bool { return amountPattern.MatchString(fl.Field().String()) },
		ruleOrigin: func(fl validator.FieldLevel) bool { return validOrigin(fl.Field().String()) },
		"slug":     func(fl validator.FieldLevel) bool { return ValidSlug(fl.Field().String()) },
	} {
		if err := v.RegisterValidation(tag, valid); err != nil {
			panic(err)
		}
	}
	return v
}()

var (
	slugPattern     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	checksumPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	amountPattern   = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$`)
	cigPattern      = regexp.MustCompile(`^[0-9A-Z]{10}$`)
	periodPattern   = regexp.MustCompile(`^P(\d{1,4}W|(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}D)?(T(\d{1,4}H)?(\d{1,4}M)?)?)$`)
)

// MaxSlug is how long a slug may be.
const MaxSlug = 100

// ValidSlug reports whether s can be a slug: at most MaxSlug of a-z, 0-9 and single hyphens between them, and no UUID,
// which paths take for an id.
func ValidSlug(s string) bool {
	return len(s) <= MaxSlug && slugPattern.MatchString(s) && !LooksLikeID(s)
}

// LooksLikeID reports whether a path segment is taken for an id rather than a slug: 36 characters with hyphens where a
// UUID has them.
func LooksLikeID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

// noURLCharacters are those of ASCII that RFC 3986 has no place for and url.Parse lets pass.
const noURLCharacters = " \"<>\\^`{|}"

func validLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 2000 && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		u.User == nil && !strings.ContainsAny(s, noURLCharacters)
}

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// validPeriod takes the date part of ISO 8601, 5.5.2, and hours and minutes: P30D, P2M, P1Y6M, P2W, PT48H.
func validPeriod(s string) bool {
	return periodPattern.MatchString(s) && !strings.HasSuffix(s, "P") && !strings.HasSuffix(s, "T")
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// phonePattern takes what people write: digits in groups, an international prefix, short numbers.
var phonePattern = regexp.MustCompile(`^\+?[0-9(][0-9 ()./-]{1,24}[0-9]$`)

// textProblem returns what is wrong with an optional text of at most max characters in each language: "" for a missing
// Italian text, else the languages that are too long.
func textProblem(t lang.Text, limit string) []lang.Tag {
	if t == nil {
		return nil
	}
	if _, ok := t[lang.Italian]; !ok {
		return []lang.Tag{""}
	}
	most, err := strconv.Atoi(limit)
	if err != nil {
		panic(err)
	}
	var long []lang.Tag
	for _, tag := range lang.Tags {
		if utf8.RuneCountInString(t[tag]) > most {
			long = append(long, tag)
		}
	}
	return long
}

// reportField turns what the validator says of a field into findings.
func reportField(findings *Findings, fe validator.FieldError) {
	at := pointerOf(fe.Namespace())
	add := func(at Pointer, rule string, args ...any) {
		findings.add(finding(at, rule, LevelDraft, args...))
	}
	list := fe.Kind() == reflect.Slice
	switch tag := fe.Tag(); tag {
	case "text":
		for _, language := range textProblem(fe.Value().(lang.Text), fe.Param()) {
			if language == "" {
				add(at, ruleItalian)
			} else {
				add(at.Field(string(language)), ruleTooLong, fe.Param())
			}
		}
	case "min", "max":
		rule := map[string]string{"min": ruleTooShort, "max": ruleTooLong}[tag]
		switch {
		case list:
			rule = map[string]string{"min": ruleTooFew, "max": ruleTooMany}[tag]
		case fe.Kind() == reflect.Float64 || fe.Kind() == reflect.Int:
			rule = ruleRange
		}
		add(at, rule, fe.Param())
	case "oneof":
		add(at, ruleOneOf, strings.ReplaceAll(fe.Param(), " ", ", "))
	case "iso4217":
		add(at, ruleCurrency)
	case "iso3166_1_alpha2":
		add(at, ruleCountry)
	default: // required, unique, link, date, …: named as their rules
		add(at, tag)
	}
}

// pointerOf turns a validator's namespace, `Service.Head.costs[0].label`, into a JSON Pointer, `/costs/0/label`.
func pointerOf(namespace string) Pointer {
	var p Pointer
	for _, part := range strings.Split(namespace, ".")[1:] {
		if part == "Head" || part == "Spec" || part == "Access" {
			continue // embedded, so that JSON knows nothing of them
		}
		name, rest, _ := strings.Cut(part, "[")
		p = p.Field(name)
		for rest != "" {
			var index string
			index, rest, _ = strings.Cut(rest, "]")
			p = p.Field(index)
			rest = strings.TrimPrefix(rest, "[")
		}
	}
	return p
}
