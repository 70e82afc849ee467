package api

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Bounds of connections: slow clients are cut off.
const (
	headerTime    = 5 * time.Second
	readTime      = 30 * time.Second
	writeTime     = 60 * time.Second
	idleTime      = 2 * time.Minute
	maxHeaderSize = 32 << 10
)

// NewServer makes the server of every route, for connections that come in by a Door.
func NewServer(config Config) *http.Server {
	return &http.Server{
		Handler:           New(config),
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderSize,
		ConnState: func(c net.Conn, state http.ConnState) {
			if c, ok := c.(*connection); ok {
				c.setState(state, config.Clock())
			}
		},
		DisableGeneralOptionsHandler: true,                                                     // which would answer `OPTIONS *` past the limits
		ErrorLog:                     slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug), // what clients do wrong to a connection
	}
}

// Write sends what net/http writes. Where that refuses, in plain text, a request that net/http cannot read, it sends a problem
// instead.
func (c *connection) Write(p []byte) (int, error) {
	status := refusedByHTTP(p)
	if status == 0 {
		return c.TCPConn.Write(p)
	}
	if _, err := c.TCPConn.Write(unreadable(status)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plainRefusal is what net/http says of a request that it cannot read, behind the status; nobody else says it like this.
// Should it say something else one day, clients will get that, and TestUnreadableRequests will fail.
const plainRefusal = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// refusedByHTTP is the status with which net/http refuses a request that it cannot read, 0 if that is not what it sends.
func refusedByHTTP(sent []byte) int {
	const before, longest = "HTTP/1.1 ", 512
	if len(sent) > longest || !bytes.HasPrefix(sent, []byte(before)) || !bytes.Contains(sent, []byte(plainRefusal)) {
		return 0
	}
	status, _, _ := bytes.Cut(sent[len(before):], []byte(" "))
	number, err := strconv.Atoi(string(status))
	if err != nil || number < http.StatusBadRequest {
		return 0
	}
	return number
}

// unreadable is the whole answer to a request that could not be read, in the first language, since nobody knows the caller's.
func unreadable(status int) []byte {
	f, ok := headFailures[status]
	if !ok {
		f = failure{nil, status, headFailures[http.StatusBadRequest].name}
	}
	tag, id := lang.Spoken[0], strings.ToLower(rand.Text())
	body, err := json.Marshal(problemFor(f, tag, id))
	if err != nil {
		panic(err) // nothing in a Problem cannot be written
	}
	h := http.Header{
		echo.HeaderAccessControlAllowOrigin: everybody, "X-Content-Type-Options": noSniffing, "Cache-Control": noStore,
		echo.HeaderContentType: {mimeProblem}, "Content-Language": {string(tag)}, "Content-Length": {strconv.Itoa(len(body))},
		"Vary": byLanguage, "Connection": {"close"}, headerRequestID: {id},
	}
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	h.Write(&answer) //nolint:errcheck // memory takes everything
	answer.WriteString("\r\n")
	answer.Write(body)
	return answer.Bytes()
}
