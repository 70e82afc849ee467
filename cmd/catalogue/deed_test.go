package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
)

// deed makes one write, after what that needs, on an entry that nobody else knows. It reports whether the server still
// lives.
type deed func(w *writer, key string) bool

// deeds are what clients do to every route that writes while the server is killed.
var deeds = map[string]deed{
	"PUT /v1/publishers/:publisher/{kinds}/:key": func(w *writer, key string) bool {
		return w.draft(key, w.says(own(key), "draft", "editing"))
	},
	"PATCH /v1/publishers/:publisher/{kinds}/:key": func(w *writer, key string) bool {
		return w.draft(key, nil) && w.does(http.MethodPatch, own(key), object{"summary": italian("x")}, w.says(own(key), "draftVersion", 2.0))
	},
	"DELETE /v1/publishers/:publisher/{kinds}/:key": func(w *writer, key string) bool {
		return w.draft(key, nil) && w.does(http.MethodDelete, own(key), nil, w.answers(own(key), w.c.admin, http.StatusNotFound))
	},
	"POST /v1/publishers/:publisher/{kinds}/:key/transitions": func(w *writer, key string) bool {
		tomorrow := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
		return w.draft(key, nil) && w.move(key, object{"transition": "submit"}, nil) &&
			w.move(key, object{"transition": "reject", "note": "x"}, nil) &&
			w.move(key, object{"transition": "publish", "at": tomorrow}, w.says(own(key), "publishAt", tomorrow))
	},
	"PUT /v1/publishers/:publisher/{kinds}/:key/reviewer": func(w *writer, key string) bool {
		return w.draft(key, nil) && w.move(key, object{"transition": "submit"}, nil) &&
			w.does(http.MethodPut, own(key)+"/reviewer", object{"reviewer": key}, w.says(own(key), "reviewer", key))
	},
	"POST /v1/publishers/:publisher/{kinds}/:key/comments": func(w *writer, key string) bool {
		comment := w.request(http.MethodPost, own(key)+"/comments", object{"text": key})
		comment.header = map[string]string{"Idempotency-Key": key}
		return w.draft(key, nil) && w.sends(comment, w.once(comment, w.says(own(key)+"/comments", "open", 1.0)))
	},
	"PATCH /v1/publishers/:publisher/{kinds}/:key/comments/:comment": func(w *writer, key string) bool {
		var comment struct{ Number int }
		if !w.draft(key, nil) {
			return false
		}
		made, alive := w.asks(w.request(http.MethodPost, own(key)+"/comments", object{"text": key}))
		if !alive {
			return false
		}
		made.into(w.c.t, &comment)
		return w.does(http.MethodPatch, fmt.Sprintf("%s/comments/%d", own(key), comment.Number), object{"resolved": true}, w.says(own(key)+"/comments", "open", 0.0))
	},
	"POST /v1/publishers/:publisher/{kinds}/:key/confirmations": func(w *writer, key string) bool {
		if !w.draft(key, nil) || !w.move(key, object{"transition": "publish"}, nil) {
			return false
		}
		confirmed, alive := w.asks(w.request(http.MethodPost, own(key)+"/confirmations", nil))
		if !alive {
			return false
		}
		var state object
		confirmed.into(w.c.t, &state)
		w.remember("confirmation of "+key, "", w.says(own(key), "reviewedAt", state["reviewedAt"]))
		return true
	},
	"PUT /v1/publishers/:publisher/{kinds}/:key/custody": func(w *writer, key string) bool {
		return w.draft(key, nil) && w.does(http.MethodPut, own(key)+"/custody", object{"owner": key}, w.says(own(key)+"/custody", "owner", key))
	},
	"POST /v1/publishers/:publisher/imports": func(w *writer, key string) bool {
		_, alive := w.upload(key)
		return alive
	},
	"POST /v1/publishers/:publisher/imports/:import/cancel": func(w *writer, key string) bool {
		path, alive := w.upload(key)
		if !alive {
			return false
		}
		a, err := w.s.ask(http.MethodPost, path+"/cancel", w.c.admin, nil)
		if err != nil {
			return w.lives(err, "cancelling "+path)
		}
		if a.status == http.StatusOK { // else it was done before
			w.remember("cancelling "+path, "", w.says(path, "state", "cancelled"))
		}
		return true
	},
	"PUT /v1/publishers/:publisher/stewardship": func(w *writer, key string) bool {
		path := "/v1/publishers/" + key + "/stewardship"
		return w.does(http.MethodPut, "/v1/publisher-settings/"+key, object{"name": key}) &&
			w.does(http.MethodPut, path, object{"archiveAfterMonths": 3}, w.says(path, "archiveAfterMonths", 3.0))
	},
	"POST /v1/publishers/:publisher/archivals": func(w *writer, key string) bool {
		_, alive := w.asks(w.request(http.MethodPost, "/v1/publishers/"+publisher+"/archivals", object{"items": []object{{"kind": "place", "key": key}}}))
		return alive // nothing here is old enough: it is the way there that is looked at
	},
	"POST /v1/publishers/:publisher/bulk": func(w *writer, key string) bool {
		other := key + "b"
		items := []object{{"kind": "place", "key": key}, {"kind": "place", "key": other}}
		return w.draft(key, nil) && w.draft(other, nil) &&
			w.does(http.MethodPost, "/v1/publishers/"+publisher+"/bulk", object{"operation": "publish", "atomic": true, "items": items},
				w.says(own(key), "publication", "published"), w.says(own(other), "publication", "published"))
	},
	"PUT /v1/synonyms": func(w *writer, key string) bool {
		return w.does(http.MethodPut, "/v1/synonyms", object{"items": []object{{"lang": "it", "terms": []string{"luogo", strings.ReplaceAll(key, "-", "")}}}}, nil)
	},
	"POST /v1/validations": func(w *writer, _ string) bool {
		_, alive := w.asks(w.request(http.MethodPost, "/v1/validations", object{"kind": "place", "level": "draft", "document": place("x")}))
		return alive
	},
	"POST /v1/keys": func(w *writer, key string) bool {
		_, alive := w.key(key)
		return alive
	},
	"POST /v1/keys/:prefix/rotations": func(w *writer, key string) bool {
		token, alive := w.key(key)
		if !alive {
			return false
		}
		rotation := w.request(http.MethodPost, "/v1/keys/"+prefixOf(token)+"/rotations", object{})
		rotation.token = token
		a, alive := w.asks(rotation)
		if !alive {
			return false
		}
		var made struct{ Token string }
		a.into(w.c.t, &made)
		w.remember("rotation of "+key, "", w.answers("/v1/me", made.Token, http.StatusOK))
		return true
	},
	"DELETE /v1/keys/:prefix": func(w *writer, key string) bool {
		a, alive := w.asks(w.request(http.MethodPost, "/v1/keys", object{"name": key, "scopes": []string{"write"}, "publisher": publisher}))
		if !alive {
			return false
		}
		var made struct{ Token string }
		a.into(w.c.t, &made)
		return w.does(http.MethodDelete, "/v1/keys/"+prefixOf(made.Token), nil, w.answers("/v1/me", made.Token, http.StatusUnauthorized))
	},
	"PUT /v1/publisher-settings/:publisher": func(w *writer, key string) bool {
		path := "/v1/publisher-settings/" + key
		return w.does(http.MethodPut, path, object{"name": key}, w.says(path, "name", key))
	},
	"PATCH /v1/publisher-settings/:publisher": func(w *writer, key string) bool {
		path := "/v1/publisher-settings/" + key
		return w.does(http.MethodPut, path, object{"name": "x"}, nil) && w.does(http.MethodPatch, path, object{"name": key}, w.says(path, "name", key))
	},
}

func TestEveryRouteThatWritesIsUsedWhileTheServerIsKilled(t *testing.T) {
	for _, a := range api.Accesses {
		if route := a.Method + " " + a.Path; a.Method != http.MethodGet && deeds[route] == nil {
			t.Errorf("%s: add what clients do to it to deeds", route)
		}
	}
}

// everything makes writes of every kind, in an order that chance gives, until the server is gone.
func (w *writer) everything() {
	var routes []string
	for route := range deeds {
		routes = append(routes, route)
	}
	slices.Sort(routes)
	for i := 0; ; i++ {
		if i%len(routes) == 0 {
			w.chance.Shuffle(len(routes), func(a, b int) { routes[a], routes[b] = routes[b], routes[a] })
		}
		if !deeds[routes[i%len(routes)]](w, fmt.Sprintf("%s-%d", w.name, i)) {
			return
		}
	}
}

// promise is an answered write, and what must hold after the restart.
type promise struct {
	what    string
	request string // its id, which the audit has; "" where that has none
	holds   []condition
}

// condition says what does not hold, or "".
type condition func(s *server) string

func (w *writer) remember(what, request string, holds ...condition) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.promises = append(w.book.promises, promise{what, request, holds})
}

// request is a request of a client that may do everything.
type request struct {
	method, path, token string
	body                any
	header              map[string]string
}

func (w *writer) request(method, path string, body any) request {
	return request{method: method, path: path, token: w.c.admin, body: body}
}

// does makes a write that must succeed.
func (w *writer) does(method, path string, body any, holds ...condition) (alive bool) {
	return w.sends(w.request(method, path, body), holds...)
}

func (w *writer) sends(r request, holds ...condition) (alive bool) {
	a, alive := w.asks(r)
	if alive {
		w.remember(r.method+" "+r.path, a.header.Get("Request-Id"), slices.DeleteFunc(holds, func(c condition) bool { return c == nil })...)
	}
	return alive
}

// asks makes a request that must succeed.
func (w *writer) asks(r request) (a answer, alive bool) {
	a, err := r.to(w.s)
	if err != nil {
		return a, w.lives(err, r.method+" "+r.path)
	}
	if a.status >= 300 {
		w.c.t.Errorf("%s %s: got status %d, want success: %s", r.method, r.path, a.status, a.body)
		return a, false
	}
	w.book.answered.Add(1)
	return a, true
}

func (r request) to(s *server) (answer, error) {
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return answer{}, err
		}
	}
	sent, err := http.NewRequest(r.method, s.url+r.path, &body)
	if err != nil {
		return answer{}, err
	}
	if r.body != nil {
		sent.Header.Set("Content-Type", map[bool]string{true: "application/merge-patch+json", false: "application/json"}[r.method == http.MethodPatch])
	}
	sent.Header.Set("Authorization", "Bearer "+r.token)
	for name, value := range r.header {
		sent.Header.Set(name, value)
	}
	return send(sent)
}

// says wants a member of an answer.
func (w *writer) says(path, name string, want any) condition {
	return func(s *server) string {
		a, err := s.ask(http.MethodGet, path, w.c.admin, nil)
		var got object
		if err == nil {
			err = json.Unmarshal(a.body, &got)
		}
		if err != nil || got[name] != want {
			return fmt.Sprintf("%s: got %s %v, %v, want %v", path, name, got[name], err, want)
		}
		return ""
	}
}

// answers wants a status.
func (w *writer) answers(path, token string, status int) condition {
	return func(s *server) string {
		if a, err := s.ask(http.MethodGet, path, token, nil); err != nil || a.status != status {
			return fmt.Sprintf("%s: got status %d, %v, want %d", path, a.status, err, status)
		}
		return ""
	}
}

// once wants a request with an idempotency key, made again, to get its first answer and to change nothing.
func (w *writer) once(r request, unchanged condition) condition {
	return func(s *server) string {
		if a, err := r.to(s); err != nil || a.status != http.StatusCreated || a.header.Get("Idempotency-Replayed") != "true" {
			return fmt.Sprintf("%s again: got status %d, %v, want 201 from before: %s", r.path, a.status, err, a.body)
		}
		return unchanged(s)
	}
}

func own(key string) string { return "/v1/publishers/" + publisher + "/places/" + key }

func (w *writer) draft(key string, holds condition) (alive bool) {
	return w.does(http.MethodPut, own(key), place("Luogo "+key), holds)
}

func (w *writer) move(key string, body object, holds condition) (alive bool) {
	return w.does(http.MethodPost, own(key)+"/transitions", body, holds)
}

// upload starts an import of one row.
func (w *writer) upload(key string) (path string, alive bool) {
	rows := []object{{"kind": "place", "key": key, "document": place("Luogo " + key), "publish": true}}
	a, alive := w.asks(w.request(http.MethodPost, "/v1/publishers/"+publisher+"/imports", rows))
	if !alive {
		return "", false
	}
	var started importState
	a.into(w.c.t, &started)
	path = "/v1/publishers/" + publisher + "/imports/" + started.ID
	w.remember("import of "+key, "", func(s *server) string {
		var now importState // which may wait until the lease of the killed server is over
		a, err := s.ask(http.MethodGet, path, w.c.admin, nil)
		if err == nil {
			err = json.Unmarshal(a.body, &now)
		}
		if waits := slices.Contains([]string{"queued", "running", "cancelled"}, now.State); err != nil || !waits && (now.State != "done" || now.Rows.Created != 1) {
			return fmt.Sprintf("%s: got %s, %v", path, a.body, err)
		}
		return ""
	})
	return path, true
}

// key makes a key, which must work.
func (w *writer) key(name string) (token string, alive bool) {
	create := w.request(http.MethodPost, "/v1/keys", object{"name": name, "scopes": []string{"write"}, "publisher": publisher})
	a, alive := w.asks(create)
	if !alive {
		return "", false
	}
	var made struct{ Token string }
	a.into(w.c.t, &made)
	w.remember("key "+name, a.header.Get("Request-Id"), w.answers("/v1/me", made.Token, http.StatusOK))
	return made.Token, true
}

func prefixOf(token string) string { return strings.Split(token, "_")[1] }
