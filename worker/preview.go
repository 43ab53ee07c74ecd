package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/web"
)

//go:embed preview.html
var previewHTML string

var previewIndex = template.Must(template.New("index").Parse(previewHTML))

func previewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview PROGRAM",
		Short: "Write every mail and page of a program, in every language, as files",
		Args:  oneProgramID,
	}
	file := configFlag(cmd, defaultConfig)
	out := cmd.Flags().String("out", "", "folder to write to; preview-PROGRAM where left out")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programOf(c, args[0])
		if err != nil {
			return err
		}
		folder := *out
		if folder == "" {
			folder = "preview-" + program.ID
		}
		files, err := previewFiles(c, program)
		if err != nil {
			return err
		}
		if err := writeFiles(folder, files); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s; open %s\n", folder, count(len(files), "file"), filepath.Join(folder, "index.html"))
		return nil
	}
	return cmd
}

func oneProgramID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: want the id of one program (see %s --help)", errUsage, cmd.CommandPath())
	}
	return nil
}

func programOf(c *config.Config, id string) (survey.Program, error) {
	var known []string
	for _, p := range c.Programs {
		if p.ID == id {
			return p, nil
		}
		known = append(known, p.ID)
	}
	return survey.Program{}, fmt.Errorf("%w: no program %q: known are %s", errUsage, id, strings.Join(known, ", "))
}

// programIn is the program that the only argument names, the zero one without any.
func programIn(c *config.Config, args []string) (survey.Program, error) {
	if len(args) == 0 {
		return survey.Program{}, nil
	}
	return programOf(c, args[0])
}

// The one who is shown mails and pages. Nobody has an address in .example (RFC 2606).
var (
	previewContact = survey.Contact{
		Key: "preview/1", CRM: "preview", ID: "1", AccountKey: "preview/1",
		Email: "lena.koch@nordwind.example", Phone: "+4915112345678", FirstName: "Lena", LastName: "Koch",
	}
	previewAccount = survey.Account{Key: "preview/1", CRM: "preview", ID: "1", Name: "Nordwind"}
)

// previewLanguage is what a program shows in one language, by one of its variants where
// it has any.
type previewLanguage struct {
	Locale, Variant string
	// Folder is where its files are.
	Folder string
	Mails  []activities.PreviewedMail
	SMS    *activities.PreviewedSMS // nil of a program that mails
	Pages  []web.PreviewedPage
}

// previewFiles returns the files of a preview by their names, with / between folders.
func previewFiles(c *config.Config, program survey.Program) (map[string][]byte, error) {
	a := &app{config: c}
	var err error
	// A key of its own: no link of a preview is good anywhere.
	if a.tokens, err = survey.NewTokens(bytes.Repeat([]byte("preview "), survey.MinTokenKey)); err != nil {
		return nil, err
	}
	pages, err := web.NewPreview(a.brandOf(program), a.tokens, "../page.css")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"page.css": pages.Style()}
	languages := previewLanguages(program)
	for i := range languages {
		shown := &languages[i]
		contact := previewContact
		contact.Locale = shown.Locale
		as := program.As(shown.Variant)
		shown.Mails = a.composer().Preview(as, shown.Locale, contact, previewAccount)
		shown.Pages = pages.Pages(as, shown.Locale, contact, previewAccount)
		if as.Channel == survey.ChannelSMS {
			sms := a.composer().PreviewSMS(as, shown.Locale, contact, previewAccount)
			shown.SMS = &sms
			files[shown.Folder+"/sms.txt"] = []byte(sms.Text + "\n")
		}
		for _, mail := range shown.Mails {
			files[shown.Folder+"/mail-"+mail.Kind+".html"] = []byte(mail.HTML)
			files[shown.Folder+"/mail-"+mail.Kind+".txt"] = []byte("Subject: " + mail.Subject + "\n\n" + mail.Text)
		}
		for _, page := range shown.Pages {
			files[shown.Folder+"/page-"+page.Name+".html"] = page.HTML
		}
	}
	var index bytes.Buffer
	err = previewIndex.Execute(&index, map[string]any{
		"Program": program.ID, "Person": previewContact.Name(), "Company": previewAccount.Name, "Languages": languages,
	})
	files["index.html"] = index.Bytes()
	return files, err
}

// previewLanguages are the languages and variants that customers may see.
func previewLanguages(program survey.Program) []previewLanguage {
	var languages []previewLanguage
	for _, locale := range slices.Sorted(maps.Keys(program.Texts)) {
		if len(program.Variants) == 0 {
			languages = append(languages, previewLanguage{Locale: locale, Folder: locale})
		}
		for _, v := range program.Variants {
			languages = append(languages, previewLanguage{Locale: locale, Variant: v.ID, Folder: locale + "." + v.ID})
		}
	}
	return languages
}

// writeFiles writes files into a folder, over those of an earlier time.
func writeFiles(folder string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, files[name], 0o644)); err != nil {
			return err
		}
	}
	return nil
}
