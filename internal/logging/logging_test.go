package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink keeps what is written, and counts how often.
type sink struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.text.Write(p)
}

func (s *sink) lines() (lines []string, writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.text.String()) {
		lines = append(lines, line)
	}
	return lines, s.writes
}

func TestLinesGoOutTogetherAfterAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		log, _ := NewBuffered(slog.LevelInfo, &s)
		for range 10 {
			log.InfoContext(t.Context(), "request")
		}
		if lines, _ := s.lines(); len(lines) != 0 {
			t.Errorf("%d lines were written at once, want them to wait", len(lines))
		}
		time.Sleep(delay)
		synctest.Wait()
		if lines, writes := s.lines(); len(lines) != 10 || writes != 1 {
			t.Errorf("after the delay there are %d lines in %d writes, want 10 in 1", len(lines), writes)
		}
		log.InfoContext(t.Context(), "request")
		time.Sleep(delay)
		synctest.Wait()
		if lines, _ := s.lines(); len(lines) != 11 {
			t.Errorf("after a second delay there are %d lines, want 11", len(lines))
		}
	})
}

func TestGraveLinesDoNotWait(t *testing.T) {
	var s sink
	log, flush := NewBuffered(slog.LevelInfo, &s)
	defer flush()
	log.InfoContext(t.Context(), "request")
	log.With("path", "/v1/services").WithGroup("g").WarnContext(t.Context(), "a fault", "a", 1)
	lines, _ := s.lines()
	if len(lines) != 2 {
		t.Fatalf("got the lines %q, want the fault behind the request", lines)
	}
	var line struct {
		Msg, Path string
		G         struct{ A int }
	}
	if err := json.Unmarshal([]byte(lines[1]), &line); err != nil || line.Msg != "a fault" || line.Path != "/v1/services" || line.G.A != 1 {
		t.Errorf("the fault is %+v (%v), want its message, path and group", line, err)
	}
}

func TestManyLinesDoNotPileUp(t *testing.T) {
	var s sink
	log, flush := NewBuffered(slog.LevelInfo, &s)
	for range 1000 {
		log.InfoContext(t.Context(), "request", "path", strings.Repeat("x", 200))
	}
	if lines, _ := s.lines(); len(lines) == 0 {
		t.Errorf("none of %d bytes were written, want no more than %d in memory", 1000*200, most)
	}
	flush()
	if lines, _ := s.lines(); len(lines) != 1000 {
		t.Errorf("after flush there are %d lines, want 1000", len(lines))
	}
}

func TestSecretsOfKeysAreLeftOut(t *testing.T) {
	const prefix, secret = "cat_k3v5x2a7_", "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"
	var s sink
	log, flush := NewBuffered(slog.LevelInfo, &s)
	log.InfoContext(t.Context(), "request", "path", "/v1/keys/"+prefix+secret+"/rotations", "id", prefix+secret)
	flush()
	New(slog.LevelInfo, &s).InfoContext(t.Context(), "request", "err", errors.New("no key "+prefix+secret), "file", "cat_food.json")
	lines, _ := s.lines()
	if len(lines) != 2 {
		t.Fatalf("got the lines %q, want 2", lines)
	}
	for i, want := range []string{`"path":"/v1/keys/` + prefix + `…/rotations","id":"` + prefix + `…"`, `"err":"no key ` + prefix + `…","file":"cat_food.json"`} {
		if !strings.Contains(lines[i], want) || strings.Contains(lines[i], secret) {
			t.Errorf("got the line %s, want %s in it", lines[i], want)
		}
	}
}
