package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/survey"
)

// shownFeedback is how many comments are listed where nobody says how many.
const shownFeedback = 50

func feedbackCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "feedback",
		Short: "List the comments that nobody asked for: reviews, tickets, chats, calls",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	list := &cobra.Command{Use: "list", Short: "List the latest, the newest first", Args: noArgs}
	asJSON := list.Flags().Bool("json", false, "print objects, one a line")
	kind := list.Flags().String("kind", "", "only of this kind: review, ticket, chat, call or other")
	limit := list.Flags().Int("limit", shownFeedback, "how many at most")
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case *kind != "" && !survey.FeedbackKind(*kind).Known():
			return fmt.Errorf("%w: --kind %q: want review, ticket, chat, call or other", errUsage, *kind)
		case *limit < 1:
			return fmt.Errorf("%w: --limit %d: want at least 1", errUsage, *limit)
		}
		return withApp(cmd.Context(), *file, func(a *app) error {
			found, err := a.store.LatestFeedback(cmd.Context(), survey.FeedbackKind(*kind), *limit)
			if err != nil {
				return err
			}
			rows := make([]listedFeedback, len(found))
			var contacts, accounts []string
			for _, f := range found {
				contacts, accounts = append(contacts, f.ContactKey), append(accounts, f.AccountKey)
			}
			people, err := a.store.Contacts(cmd.Context(), contacts)
			if err != nil {
				return err
			}
			companies, err := a.store.Accounts(cmd.Context(), accounts)
			if err != nil {
				return err
			}
			for i, f := range found {
				rows[i] = listed(f, people[f.ContactKey], companies[f.AccountKey])
			}
			return writeFeedback(cmd.OutOrStdout(), rows, *asJSON)
		})
	}
	cmd.AddCommand(list)
	return cmd
}

// listedFeedback is a comment for scripts.
type listedFeedback struct {
	// At is scaled time.
	At       time.Time           `json:"at"`
	Kind     survey.FeedbackKind `json:"kind"`
	Source   string              `json:"source"`
	ID       string              `json:"id"`
	Contact  string              `json:"contact,omitempty"`
	Account  string              `json:"account,omitempty"`
	Rating   float64             `json:"rating,omitempty"`
	Language string              `json:"language,omitempty"`
	URL      string              `json:"url,omitempty"`
	Text     string              `json:"text"`
}

func listed(f survey.Feedback, contact survey.Contact, account survey.Account) listedFeedback {
	return listedFeedback{f.At, f.Kind, f.Source, f.SourceID, contact.Name(), account.Name, f.Rating, f.Language, f.URL, f.Text}
}

func writeFeedback(out io.Writer, rows []listedFeedback, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, row := range rows {
			if err := lines.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "There is no feedback.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AT\tKIND\tSOURCE\tFROM\tRATING\tTEXT")
	for _, row := range rows {
		from := strings.Trim(row.Contact+", "+row.Account, ", ")
		rating := ""
		if row.Rating > 0 {
			rating = strconv.FormatFloat(row.Rating, 'f', -1, 64)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", row.At.UTC().Format(time.DateTime), row.Kind, oneLine(row.Source), oneLine(from), rating, oneLine(row.Text))
	}
	return table.Flush()
}

// oneLine is the beginning of a text, without what would move a terminal's cursor.
func oneLine(text string) string {
	const most = 80
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
