package openapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
)

// mostText is how many characters a representation may have: they repeat texts, and describe what an entry refers to.
const mostText = 64 << 20

// addFormats tells of the representations that the entries of each kind have beside the view.
func addFormats(doc object, root string) error {
	d := describer{root: root, schemas: doc["components"].(object)["schemas"].(object), comments: map[string]comments{}}
	for _, kind := range catalogue.Kinds {
		get := doc["paths"].(object)["/v1/"+kind.Plural()+"/{idOrSlug}"].(object)["get"].(object)
		content := get["responses"].(object)["200"].(object)["content"].(object)
		for _, f := range format.Of(kind) {
			if f == format.View {
				continue
			}
			schema := object{"type": "string", "maxLength": mostText}
			switch {
			case f.Body != nil:
				var err error
				if schema, err = d.schema(reflect.TypeOf(f.Body(kind))); err != nil {
					return err
				}
			case strings.Contains(f.MediaType, "json"):
				schema = object{"type": "object"}
			}
			content[f.MediaType] = object{"schema": schema}
		}
	}
	return nil
}

// describer derives schemas from the Go types of bodies that no comment beside a handler names, and from the comments
// beside their members.
type describer struct {
	root     string // of the repository
	schemas  object
	comments map[string]comments // by the import paths of packages
}

// comments are those of types and, as `Type.Field`, of their members.
type comments map[string]string

func (d describer) schema(t reflect.Type) (object, error) {
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem())
	case reflect.Slice:
		items, err := d.schema(t.Elem())
		return object{"type": "array", "items": items}, err
	case reflect.Struct:
		return d.structure(t)
	case reflect.String:
		return object{"type": "string"}, nil
	case reflect.Bool:
		return object{"type": "boolean"}, nil
	case reflect.Float64:
		return object{"type": "number", "format": "double"}, nil
	default:
		return nil, fmt.Errorf("the description has no way to describe a %v: add it in docs/openapi/formats.go", t)
	}
}

// structure adds the schema of a struct, and refers to it. Its name begins with that of its package: CardPart.
func (d describer) structure(t reflect.Type) (object, error) {
	prefix := map[string]string{"schemaorg": "SchemaOrg"}[path.Base(t.PkgPath())]
	if prefix == "" {
		prefix = titled(path.Base(t.PkgPath()))
	}
	name := prefix + strings.TrimPrefix(t.Name(), prefix)
	reference := object{"$ref": "#/components/schemas/" + name}
	if d.schemas[name] != nil {
		return reference, nil
	}
	said, err := d.commentsOf(t.PkgPath())
	if err != nil {
		return nil, err
	}
	properties, required := object{}, []string{}
	d.schemas[name] = object{} // so that types may hold themselves
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue
		}
		member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "" {
			required = append(required, member)
		}
		schema, err := d.schema(f.Type)
		if err != nil {
			return nil, err
		}
		d.describe(schema, f, said[ownerOf(t, f)+"."+f.Name])
		properties[member] = schema
	}
	d.schemas[name] = closed(properties, said[t.Name()], required...)
	return reference, nil
}

// describe adds what the tag and the comment of a member say, to the elements of a list where it is one.
func (describer) describe(schema object, f reflect.StructField, comment string) {
	if schema["$ref"] != nil {
		return // nothing may stand beside it
	}
	if comment != "" {
		schema["description"] = comment
	}
	value := schema
	if items, ok := schema["items"].(object); ok {
		value = items
	}
	for _, tag := range []string{"format", "example"} {
		if said := f.Tag.Get(tag); said != "" && value["$ref"] == nil {
			value[tag] = said
		}
	}
}

// ownerOf is the name of the type in which a visible field is written.
func ownerOf(t reflect.Type, f reflect.StructField) string {
	for _, i := range f.Index[:len(f.Index)-1] {
		t = t.Field(i).Type
	}
	return t.Name()
}

// commentsOf reads the comments of a package of ours.
func (d describer) commentsOf(pkg string) (comments, error) {
	if known, ok := d.comments[pkg]; ok {
		return known, nil
	}
	_, folder, _ := strings.Cut(pkg, "/internal/")
	files, err := filepath.Glob(filepath.Join(d.root, "internal", folder, "*.go"))
	if err != nil {
		return nil, err
	}
	found := comments{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		found.read(file)
	}
	d.comments[pkg] = found
	return found, nil
}

func (c comments) read(file *ast.File) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.TYPE {
			continue
		}
		for _, spec := range general.Specs {
			named := spec.(*ast.TypeSpec)
			c[named.Name.Name] = oneLine(general.Doc)
			structure, ok := named.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range structure.Fields.List {
				for _, name := range field.Names {
					c[named.Name.Name+"."+name.Name] = oneLine(field.Comment)
				}
			}
		}
	}
}

// oneLine is a comment in one line.
func oneLine(group *ast.CommentGroup) string { return strings.Join(strings.Fields(group.Text()), " ") }
