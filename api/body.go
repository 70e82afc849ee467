package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

const mimeMergePatch = "application/merge-patch+json" // RFC 7396

// readBody reads a body of one of the media types. It returns errMediaType or errTooLarge.
func readBody(c echo.Context, mediaTypes ...string) ([]byte, error) {
	r := c.Request()
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, named := parameters["charset"]
	if err != nil || !slices.Contains(mediaTypes, mediaType) || r.Header.Get("Content-Encoding") != "" ||
		named && !strings.EqualFold(charset, "utf-8") {
		c.Response().Header().Set("Accept", strings.Join(mediaTypes, ", "))
		return nil, errMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, err
	case err != nil:
		return nil, &catalogue.MalformedError{Rule: "json.truncated", Offset: int64(len(body))}
	}
	return body, nil
}

// readRequest reads a body of our own into a struct, as strictly as a document, and returns what is wrong with it. The
// error is one of readBody, or a MalformedError.
func readRequest(c echo.Context, into any) (catalogue.Findings, error) {
	body, err := readBody(c, echo.MIMEApplicationJSON)
	if err != nil {
		return nil, err
	}
	return catalogue.DecodeRequest(body, into)
}
