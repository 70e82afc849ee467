package catalogue

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Actor is who writes, for the audit.
type Actor struct {
	Name      string // of the key, or how else it was done
	Prefix    string // of the key
	Address   string // of the client
	RequestID string
}

// MaxNote is how long the note of a revision may be, in characters.
const MaxNote = 1000

// After is when a period (ISO 8601, 5.5.2) that begins at an instant is over; the instant itself where s is no period that
// the rule `period` takes.
func After(at time.Time, s string) time.Time {
	parts := periodPattern.FindStringSubmatch(s)
	if parts == nil {
		return at
	}
	count := func(group int) int {
		n, _ := strconv.Atoi(strings.TrimRight(parts[group], "YMWDH")) // 0 where the period has no such part
		return n
	}
	weeks := count(1)
	if !strings.Contains(s, "W") {
		weeks = 0
	}
	return at.AddDate(count(2), count(3), count(4)+7*weeks).
		Add(time.Duration(count(6))*time.Hour + time.Duration(count(7))*time.Minute)
}

// PublisherSettings are what the operators of the catalogue fix for a publisher.
type PublisherSettings struct {
	Name            string   `json:"name" validate:"required,max=255" example:"Publiacqua S.p.A."`
	Policy          Policy   `json:"policy,omitempty" validate:"omitempty,oneof=self four_eyes" enums:"self,four_eyes" example:"self"`  // who must agree before something becomes public; self where absent
	RequireIfMatch  bool     `json:"requireIfMatch,omitempty"`                                                                          // whether every write must say which version it replaces
	AllowedOrigins  []string `json:"allowedOrigins,omitempty" validate:"max=20,unique,dive,origin" example:"https://www.publiacqua.it"` // of pages whose scripts may write from a browser
	Contact         string   `json:"contact,omitempty" validate:"max=255" example:"redazione@publiacqua.it"`                            // who answers for it, for the operators of the catalogue
	PublicBody      bool     `json:"publicBody,omitempty"`                                                                              // whether it is a public administration itself
	PublicShare     string   `json:"publicShare,omitempty" validate:"omitempty,amount" example:"60.00"`                                 // percent of its capital that is public
	PublicShareAsOf string   `json:"publicShareAsOf,omitempty" validate:"omitempty,date" format:"date"`
}

// Check adds what is wrong with the settings.
func (s PublisherSettings) Check(findings *Findings) {
	CheckBounds(s, findings)
	if share, err := strconv.ParseFloat(s.PublicShare, 64); err == nil && share > 100 {
		findings.AddRange("/publicShare", "100")
	}
}

// validOrigin takes the origin of a page (RFC 6454, section 6.2) as browsers send it: https, and http of the machine itself.
func validOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 255 && s == strings.ToLower(u.Scheme+"://"+u.Host) && u.Hostname() != "" &&
		(u.Scheme == "https" || u.Scheme == "http" && u.Hostname() == "localhost") && !strings.ContainsAny(s, noURLCharacters+"*")
}
