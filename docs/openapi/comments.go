package openapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// describe says of each definition what the comment of its Go type says; swag reads the comments of members only.
func describe(definitions object, folders ...string) error {
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return err
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			prefix := ""
			if file.Name.Name == "hsds" {
				prefix = hsdsPrefix
			}
			describeTypes(definitions, file, prefix)
		}
	}
	return nil
}

func describeTypes(definitions object, file *ast.File, prefix string) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.TYPE {
			continue
		}
		for _, spec := range general.Specs {
			definition, ok := definitions[prefix+spec.(*ast.TypeSpec).Name.Name].(object)
			if text := strings.Join(strings.Fields(general.Doc.Text()), " "); ok && text != "" {
				definition["description"] = text
			}
		}
	}
}
