package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// browser runs the page in a real browser and returns its document when its scripts are done, and what they complained
// of. Without chromium the test is skipped, or fails where CATALOGUE_TEST_CHROMIUM is "required".
func browser(t *testing.T, url string) (dom, complaints string) {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	switch {
	case program != "":
	case os.Getenv("CATALOGUE_TEST_CHROMIUM") == "required":
		t.Fatal("no chromium: apt-get install chromium")
	default:
		t.Skip("no chromium: apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--enable-logging=stderr", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=10000", "--dump-dom", url)
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	c.WaitDelay = 5 * time.Second // a child of it may hold its pipes
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, log.String())
	}
	console := regexp.MustCompile(`(?m)^.*CONSOLE.*$`).FindAllString(log.String(), -1)
	return out.String(), strings.Join(console, "\n")
}

func TestTheViewerShowsTheDescription(t *testing.T) {
	t.Parallel()
	handler := api.New(api.Config{Clock: catalogue.SystemClock, Log: slog.New(slog.DiscardHandler)})
	for _, prefix := range []string{"", "/un/prefisso"} {
		t.Run("at "+prefix+"/docs", func(t *testing.T) {
			var (
				mu    sync.Mutex
				asked []string
			)
			server := httptest.NewServer(http.StripPrefix(prefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				asked = append(asked, r.URL.Path)
				mu.Unlock()
				handler.ServeHTTP(w, r)
			})))
			defer server.Close()
			dom, complaints := browser(t, server.URL+prefix+"/docs")
			if complaints != "" {
				t.Errorf("the browser complains:\n%s", complaints)
			}
			for _, want := range []string{`data-path="/v1/services"`, `data-path="/v1/publishers/{publisher}/places/{key}"`, "Catalogo dei servizi"} {
				if !strings.Contains(dom, want) {
					t.Errorf("the page does not show %s; it has %d bytes, and asked for %v", want, len(dom), asked)
				}
			}
			for _, address := range regexp.MustCompile(`(?:src|href)="(?:https?:)?//([^/"]+)[^"]*"`).FindAllStringSubmatch(elements(dom), -1) {
				if address[1] != strings.TrimPrefix(server.URL, "http://") {
					t.Errorf("the page loads %s", address[0])
				}
			}
		})
	}
}

// elements are those of a page that load something.
func elements(dom string) string {
	return strings.Join(regexp.MustCompile(`<(?:script|link|img|iframe|source)\b[^>]*>`).FindAllString(dom, -1), "\n")
}
