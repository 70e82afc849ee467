package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	swaggerfiles "github.com/swaggo/files/v2"

	"github.com/comuneprato/service-catalogue/docs"
)

// openAPIJSON answers the description of the API.
//
//	@Summary	Get this description as JSON
//	@Tags		operation
//	@ID			showOpenAPIJSON
//	@Produce	json
//	@Success	200	{object}	object
//	@Success	304	"Not Modified"
//	@Failure	400	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/openapi.json [get]
func (s *server) openAPIJSON(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	return s.document(c, echo.MIMEApplicationJSON, func() []byte { return docs.Served(docs.OpenAPIJSON, s.PublicURL) })
}

// openAPIYAML answers the description of the API.
//
//	@Summary	Get this description as YAML
//	@Tags		operation
//	@ID			showOpenAPIYAML
//	@Produce	application/yaml
//	@Success	200	{object}	object
//	@Success	304	"Not Modified"
//	@Failure	400	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/openapi.yaml [get]
func (s *server) openAPIYAML(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	return s.document(c, "application/yaml", func() []byte { return docs.Served(docs.OpenAPIYAML, s.PublicURL) })
}

// document writes a file that came with the program.
func (s *server) document(c echo.Context, mediaType string, body func() []byte) error {
	c.Response().Header()["Vary"] = varyByCoding.plain
	answer := s.constants.get(constantKey{name: c.Request().URL.Path, coding: coding(c)}, body)
	return s.send(c, []string{mediaType}, "", publicCache, answer)
}

// docsPolicy lets the page load what we serve ourselves, and nothing else. The viewer sets styles in elements.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'"

// docs answers the page that shows the description.
func (s *server) docs(c echo.Context) error {
	c.Response().Header().Set("Content-Security-Policy", docsPolicy)
	return s.document(c, echo.MIMETextHTMLCharsetUTF8, func() []byte { return docs.Page })
}

// docsFolder leads to the page, by a relative address: the program may be served under a prefix.
func (s *server) docsFolder(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, "../docs")
}

// docsFiles are the viewer's scripts and styles, as they come with its package.
var docsFiles = http.StripPrefix("/docs/", http.FileServer(http.FS(swaggerfiles.FS)))

// docsFile answers one of the viewer's files, or our own script that starts it.
func (s *server) docsFile(c echo.Context) error {
	switch name := strings.TrimPrefix(c.Request().URL.Path, "/docs/"); {
	case name == "start.js":
		return s.document(c, "text/javascript; charset=utf-8", func() []byte { return docs.Script })
	case !docsAssets[name]:
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	docsFiles.ServeHTTP(c.Response(), c.Request())
	return nil
}

var docsAssets = map[string]bool{
	"swagger-ui.css": true, "swagger-ui-bundle.js": true, "favicon-32x32.png": true, "favicon-16x16.png": true,
}
