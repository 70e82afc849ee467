package api_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
)

// few is a server that lets only some connections be open, at another address than the one that tells what is measured.
func few(t *testing.T, bounds api.Connections) (s *apitest.Server, url string) {
	t.Helper()
	s = once(t)
	listener, err := api.Listen(t.Context(), "127.0.0.1:0", bounds, s.Now, s.Config.Log)
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Metrics.Add(listener)
	config := s.Config
	config.Metrics, config.MetricsApart = nil, true // the other server measures
	server := api.NewServer(config)
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return s, "http://" + listener.Addr().String()
}

const wholeRequest = "GET /v1/services HTTP/1.1\r\nHost: h\r\n\r\n"

func TestClientsThatSendNothingMakeRoomForOthers(t *testing.T) {
	const connections = 4
	_, url := few(t, api.Connections{Most: connections})
	var slow []*wire
	for i := range connections {
		w := dial(t, url)
		if i%2 == 0 { // the others have been answered once, and are idle
			w.send(t, "GET /v1/services HTTP/1.1\r\nHost: h\r\nX-Slow: ")
		} else {
			w.send(t, wholeRequest)
			w.receive(t) //nolint:bodyclose // receive closes it
		}
		slow = append(slow, w)
	}
	// Which of them goes first is not said: the server may note a little late that an answered one waits again.
	made := make(chan struct{}, connections)
	for _, w := range slow {
		go func() {
			if w.closed() {
				made <- struct{}{}
			}
		}()
	}
	end := time.Now().Add(patience)
	for left := connections; left > 0; {
		dial(t, url).answered(t)
		select {
		case <-made:
			left--
		case <-time.After(10 * time.Millisecond): // a client from before made room, if the server noted of a slow one too late that it waits
		}
		if time.Now().After(end) {
			t.Fatalf("%d slow connections are still open", left)
		}
	}
}

func TestWhereAllConnectionsAreWorkedOnNoOtherComesIn(t *testing.T) {
	const connections = 3
	s, url := few(t, api.Connections{Most: connections})
	var busy []*wire
	for range connections {
		busy = append(busy, beginUpload(t, url, s.Prato))
	}
	if !dial(t, url).closed() {
		t.Error("one connection too many came in")
	}
	busy[0].Close()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		w := dial(t, url)
		if _, err := io.WriteString(w, wholeRequest); err == nil {
			if a, err := http.ReadResponse(w.answers, nil); err == nil {
				a.Body.Close()
				break // there is room again
			}
		}
		if time.Now().After(end) {
			t.Fatal("there is no room although a connection has ended")
		}
	}
}

// answered wants a whole request to be answered.
func (w *wire) answered(t *testing.T) {
	t.Helper()
	w.send(t, wholeRequest)
	if a, body := w.receive(t); a.StatusCode != http.StatusOK { //nolint:bodyclose // receive closes it
		t.Fatalf("got status %d, want 200: %s", a.StatusCode, body)
	}
}

func TestOneAddressHasNotAllConnections(t *testing.T) {
	s, url := few(t, api.Connections{Most: 8, PerAddress: 2})
	beginUpload(t, url, s.Prato)
	beginUpload(t, url, s.Prato)
	for range 3 {
		if !dial(t, url).closed() {
			t.Error("one connection too many of an address came in")
		}
	}
	dialFrom(t, otherAddress, url).answered(t)

	measured := scraped(s, t)
	for name, want := range map[string]float64{
		`catalogue_http_connections_closed_total{bound="address",outcome="refused"}`: 3,
		`catalogue_http_connections`: 3,
	} {
		if got := measured[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	const warning = `"msg":"there are too many connections, some are closed"`
	if told := strings.Count(s.Logs(), warning); told != 1 {
		t.Errorf("the log says %d times in a minute that there are too many, want once", told)
	}
	s.Advance(time.Minute)
	dial(t, url).closed()
	if told := strings.Count(s.Logs(), warning); told != 2 {
		t.Errorf("the log says %d times in two minutes that there are too many, want twice", told)
	}
}

func TestAnAddressMakesRoomForItself(t *testing.T) {
	_, url := few(t, api.Connections{Most: 8, PerAddress: 2})
	other := dialFrom(t, otherAddress, url) // which waits longest of all
	first, second := dial(t, url), dial(t, url)
	second.answered(t) // so that those before it have come in
	dial(t, url).answered(t)
	if !first.closed() {
		t.Error("the connection of the address that waited longest is still open")
	}
	second.answered(t)
	other.answered(t)
}

func TestAProxyHasAsManyConnectionsAsThereMayBe(t *testing.T) {
	proxy := &net.IPNet{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(32, 32)}
	s, url := few(t, api.Connections{Most: 4, PerAddress: 1, Proxies: []*net.IPNet{proxy}})
	for range 4 {
		beginUpload(t, url, s.Prato)
	}
	if !dial(t, url).closed() {
		t.Error("one connection too many came in")
	}
}
