package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Key is what is known of a key; its token is not.
type Key struct {
	Prefix     string     `json:"prefix" example:"k3v5x2a7"` // the part of the token that names it
	Name       string     `json:"name" example:"portale"`
	Scopes     []string   `json:"scopes" enums:"read,write,publish,review,report,admin"`
	Publisher  string     `json:"publisher,omitempty" example:"publiacqua"` // the one that it acts for; absent: for all
	CreatedAt  time.Time  `json:"createdAt" format:"date-time"`
	ExpiresAt  *time.Time `json:"expiresAt,omitempty" format:"date-time"`  // absent: never
	LastUsedAt *time.Time `json:"lastUsedAt,omitempty" format:"date-time"` // to the minute
	RevokedAt  *time.Time `json:"revokedAt,omitempty" format:"date-time"`
	Replaces   string     `json:"replaces,omitempty"`   // prefix of the key whose place it took
	ReplacedBy string     `json:"replacedBy,omitempty"` // prefix of the key that took its place
}

func keyOf(k identity.Key) Key {
	return Key{
		Prefix: k.Prefix, Name: k.Name, Scopes: names(k.Scopes), Publisher: k.Publisher, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt,
		LastUsedAt: k.LastUsedAt, RevokedAt: k.RevokedAt, Replaces: k.Replaces, ReplacedBy: k.ReplacedBy,
	}
}

// KeyList is every key, the oldest first, those that no longer work too.
type KeyList struct {
	Items []Key `json:"items"`
	Total int   `json:"total"`
}

// NewKey asks for a key.
type NewKey struct {
	Name      string   `json:"name" validate:"required,max=100" example:"portale"` // what it is for, by which the audit tells who wrote
	Scopes    []string `json:"scopes" validate:"required,min=1,max=6,unique,dive,oneof=read write publish review report admin" enums:"read,write,publish,review,report,admin" example:"write,publish"`
	Publisher string   `json:"publisher,omitempty" example:"publiacqua"`                      // the one that it acts for; absent: for all, with the scope admin only
	ValidFor  string   `json:"validFor,omitempty" validate:"omitempty,period" example:"P90D"` // how long it works; absent: until it is revoked
}

// Rotation asks for a key that takes the place of another.
type Rotation struct {
	Overlap string `json:"overlap,omitempty" validate:"omitempty,period" example:"PT24H"` // how long the old one works on: PT24H where absent, at most P30D
}

// Token is a new key with its token, which cannot be had again.
type Token struct {
	Token string `json:"token" example:"cat_k3v5x2a7_…"`
	Key   Key    `json:"key"`
}

// Me is the key of a request and its publisher.
type Me struct {
	Key
	Warning  string            `json:"warning,omitempty"`  // that the key expires soon, and what to do
	Settings *ManagedPublisher `json:"settings,omitempty"` // of its publisher
}

const (
	expiresSoon = 14 * 24 * time.Hour
	maxOverlap  = 30 * 24 * time.Hour
)

// me answers who calls.
//
//	@Summary		Get the key of this request
//	@Description	What the key is called, what it may do and until when, and what is fixed for its publisher. `warning` says so two weeks before the key expires.
//	@Tags			keys
//	@ID				showMe
//	@Security		bearer
//	@Produce		json
//	@Success		200	{object}	Me
//	@Failure		400	{object}	Problem
//	@Failure		401	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/me [get]
func (s *server) me(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	caller, err := s.caller(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	key, err := s.Keys.Get(ctx, caller.Prefix)
	if err != nil {
		return err
	}
	answer := Me{Key: keyOf(key), Warning: s.expiryWarning(key, spoken(c))}
	if key.Publisher != "" {
		publisher, err := s.Publishers.Get(ctx, key.Publisher)
		if err != nil {
			return err
		}
		managed := managedOf(publisher)
		answer.Settings = &managed
	}
	return replyPrivate(c, http.StatusOK, answer)
}

// expiryWarning is what the holder of a key should know that expires soon, "" for others.
func (s *server) expiryWarning(key identity.Key, tag lang.Tag) string {
	switch {
	case key.ExpiresAt == nil || key.ExpiresAt.Sub(s.Clock()) > expiresSoon:
		return ""
	case key.ReplacedBy != "":
		return lang.Message(tag, "key.replaced", key.ExpiresAt.Format(time.RFC3339), key.ReplacedBy)
	default:
		return lang.Message(tag, "key.expires", key.ExpiresAt.Format(time.RFC3339), key.Prefix)
	}
}

// listKeys answers the keys.
//
//	@Summary	List the keys
//	@Tags		keys
//	@ID			listKeys
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	query		string	false	"only those that act for this publisher"
//	@Success	200			{object}	KeyList
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Router		/v1/keys [get]
func (s *server) listKeys(c echo.Context) error {
	p := query(c, "publisher")
	publisher := p.one("publisher")
	if err := p.err(); err != nil {
		return err
	}
	keys, err := s.Keys.List(c.Request().Context())
	if err != nil {
		return err
	}
	list := KeyList{Items: []Key{}}
	for _, key := range keys {
		if publisher == "" || key.Publisher == publisher {
			list.Items = append(list.Items, keyOf(key))
		}
	}
	list.Total = len(list.Items)
	return replyPrivate(c, http.StatusOK, list)
}

// createKey makes a key.
//
//	@Summary		Make a key
//	@Description	The answer holds the token, which is shown this once and kept nowhere.
//	@Tags			keys
//	@ID				createKey
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			key	body		NewKey	true	"what the key is to be"
//	@Success		201	{object}	Token
//	@Failure		400	{object}	Problem
//	@Failure		401	{object}	Problem
//	@Failure		403	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		415	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Failure		507	{object}	Problem
//	@Router			/v1/keys [post]
func (s *server) createKey(c echo.Context) error {
	who, err := s.may(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	var request NewKey
	findings, err := readRequest(c, &request)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), s.Clock()
	if err := s.checkNewKey(c, request, findings); err != nil {
		return err
	}
	want := identity.NewKey{Name: request.Name, Publisher: request.Publisher}
	for _, scope := range request.Scopes {
		want.Scopes = append(want.Scopes, identity.Scope(scope))
	}
	if request.ValidFor != "" {
		want.Expires = catalogue.After(now, request.ValidFor).Sub(now)
	}
	token, key, err := s.Keys.Create(ctx, who, want)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusCreated, Token{token, keyOf(key)})
}

// checkNewKey says what is wrong with the request, after what was found while reading it.
func (s *server) checkNewKey(c echo.Context, request NewKey, findings catalogue.Findings) error {
	catalogue.CheckBounds(request, &findings)
	switch {
	case request.Publisher != "":
		known, err := s.Publishers.List(c.Request().Context())
		if err != nil {
			return err
		}
		keys := make([]string, len(known))
		for i, publisher := range known {
			keys[i] = publisher.Key
		}
		if !slices.Contains(keys, request.Publisher) {
			findings.AddOneOf("/publisher", strings.Join(keys, ", "))
		}
	case !slices.Contains(request.Scopes, string(identity.Admin)):
		findings.AddRequired("/publisher")
	}
	findings.Sort()
	return findings.Err()
}

// rotateKey makes a key that takes the place of another.
//
//	@Summary		Rotate a key
//	@Description	A new key with the name, scopes, publisher and time to live of the old one, which works on for the overlap. Every key may rotate itself, once; the scope admin rotates those of others. The answer holds the new token, which is shown this once and kept nowhere.
//	@Tags			keys
//	@ID				rotateKey
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			prefix		path		string		true	"the part of the old token that names it"
//	@Param			rotation	body		Rotation	true	"how long the old one works on"
//	@Success		201			{object}	Token
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/keys/{prefix}/rotations [post]
func (s *server) rotateKey(c echo.Context) error {
	who, err := s.may(c)
	if err != nil {
		return err
	}
	if c.Param("prefix") != who.Prefix {
		if err := s.further(c, askOthers); err != nil {
			return err
		}
	}
	if err := query(c).err(); err != nil {
		return err
	}
	var request Rotation
	findings, err := readRequest(c, &request)
	if err != nil {
		return err
	}
	catalogue.CheckBounds(request, &findings)
	overlap, now := identity.DefaultOverlap, s.Clock()
	if request.Overlap != "" {
		overlap = catalogue.After(now, request.Overlap).Sub(now)
	}
	if overlap > maxOverlap {
		findings.AddRange("/overlap", "P30D")
	}
	if err := findings.Err(); err != nil {
		return err
	}
	token, key, err := s.Keys.Rotate(c.Request().Context(), who, c.Param("prefix"), overlap)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusCreated, Token{token, keyOf(key)})
}

// revokeKey ends a key.
//
//	@Summary		Revoke a key
//	@Description	It works on no node any more. The keys that took its place work on. Revoking one that is revoked does nothing.
//	@Tags			keys
//	@ID				revokeKey
//	@Security		bearer
//	@Param			prefix	path	string	true	"the part of the token that names it"
//	@Success		204		"No Content"
//	@Failure		400		{object}	Problem
//	@Failure		401		{object}	Problem
//	@Failure		403		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Failure		507		{object}	Problem
//	@Router			/v1/keys/{prefix} [delete]
func (s *server) revokeKey(c echo.Context) error {
	who, err := s.may(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	if err := s.Keys.Revoke(c.Request().Context(), who, c.Param("prefix")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
