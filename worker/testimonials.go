package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
)

func testimonialsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "testimonials [PROGRAM]",
		Short: "List the comments that may be quoted, each as its customer wants to be named",
		Long: "List the comments that may be quoted, each as its customer wants to be named.\n\n" +
			"A permission can be withdrawn at any time: look again before you publish, and take down what is not listed any more.",
		Args: atMostOneProgram,
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print one object a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programIn(c, args)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			found, err := a.store.Testimonials(cmd.Context(), program.ID)
			if err != nil {
				return err
			}
			return writeTestimonials(cmd.OutOrStdout(), found, *asJSON)
		})
	}
	return cmd
}

// testimonial is one in JSON.
type testimonial struct {
	Program string    `json:"program"`
	At      time.Time `json:"at"`
	Words   string    `json:"words"`
	Name    string    `json:"name,omitempty"`
	Company string    `json:"company,omitempty"`
	Locale  string    `json:"locale,omitempty"`
}

func writeTestimonials(out io.Writer, found []store.Testimonial, asJSON bool) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	var b strings.Builder
	for _, t := range found {
		if asJSON {
			if err := encoder.Encode(testimonial{t.Program, t.GivenAt, t.Words, t.Name, t.Company, t.Locale}); err != nil {
				return err
			}
			continue
		}
		signed := strings.Join(slices.DeleteFunc([]string{t.Name, t.Company}, func(s string) bool { return s == "" }), ", ")
		if signed == "" {
			signed = "without a name"
		}
		fmt.Fprintf(&b, "%s  %s\n  %s\n  – %s\n", t.GivenAt.Format(time.DateOnly), t.Program, strings.Join(strings.Fields(t.Words), " "), signed)
	}
	if len(found) == 0 && !asJSON {
		b.WriteString("Nothing may be quoted.\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
