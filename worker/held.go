package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/web"
)

// shownHeld is how many held answers are listed at most.
const shownHeld = 1000

func heldCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "held",
		Short: "List the answers that look like mail scanners', and decide about them",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	list := &cobra.Command{Use: "list", Short: "List what is held, and why", Args: noArgs}
	asJSON := list.Flags().Bool("json", false, "print objects, one a line")
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			held, err := a.store.HeldAnswers(cmd.Context(), shownHeld)
			if err != nil {
				return err
			}
			return writeHeld(cmd.OutOrStdout(), held, *asJSON)
		})
	}
	cmd.AddCommand(list,
		verdictCommand(file, "accept MAIL", "A person gave it: count it as if it came now", store.VerdictAccepted,
			"It is taken as a person's, and goes on as if it had come now.", func(cmd *cobra.Command, a *app, d store.Verdict) error {
				return web.AcceptHeld(cmd.Context(), a.store, a.programs.Get, newID, d)
			}),
		verdictCommand(file, "reject MAIL", "A machine gave it", store.VerdictRejected,
			"It counts nowhere.", func(cmd *cobra.Command, a *app, d store.Verdict) error {
				return a.store.RejectHeld(cmd.Context(), d)
			}),
		verdictCommand(file, "exclude INVITATION", "Take out an answer that counts", store.VerdictRejected,
			"It counts nowhere.", func(cmd *cobra.Command, a *app, d store.Verdict) error {
				return a.store.ExcludeAnswer(cmd.Context(), d)
			}))
	return cmd
}

func verdictCommand(file *string, use, short, what, said string, do func(*cobra.Command, *app, store.Verdict) error) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: oneMail}
	why := cmd.Flags().String("why", "", "your reason, kept with the verdict")
	who := cmd.Flags().String("who", "", "who decides; the name of your account on this machine where left out")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if strings.TrimSpace(*why) == "" {
			return fmt.Errorf("%w: say why, with --why: it is kept with the verdict", errUsage)
		}
		return withApp(cmd.Context(), *file, func(a *app) error {
			verdict := store.Verdict{
				Item: args[0], At: a.clock.Now(), What: what, Who: cmp.Or(*who, os.Getenv("USER"), "unnamed"), Why: *why,
			}
			err := do(cmd, a, verdict)
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%w: cxloop held list shows what is held, by mail", err)
			}
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), said)
			}
			return err
		})
	}
	return cmd
}

func oneMail(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes one mail, as cxloop held list shows them, or the id of an invitation", errUsage, cmd.CommandPath())
	}
	return nil
}

// shownHeldAnswer is a held answer for scripts.
type shownHeldAnswer struct {
	Mail    string `json:"mail"`
	Program string `json:"program"`
	// At is scaled time.
	At           time.Time     `json:"at"`
	Score        *int          `json:"score,omitempty"`
	Comment      string        `json:"comment,omitempty"`
	Unsubscribed bool          `json:"unsubscribed,omitempty"`
	Signs        []survey.Sign `json:"signs"`
}

func writeHeld(out io.Writer, held []store.HeldAnswer, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, h := range held {
			shown := shownHeldAnswer{Mail: h.Item, Program: h.Program, At: h.At, Comment: h.Comment, Unsubscribed: h.Unsubscribed, Signs: h.Visit.Signs}
			if h.Answered {
				shown.Score = &h.Score
			}
			if err := lines.Encode(shown); err != nil {
				return err
			}
		}
		return nil
	}
	if len(held) == 0 {
		_, err := fmt.Fprintln(out, "Nothing is held.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MAIL\tPROGRAM\tCAME\tWHAT\tSIGNS")
	for _, h := range held {
		var what []string
		if h.Answered {
			what = append(what, fmt.Sprintf("score %d", h.Score))
		}
		if h.Unsubscribed {
			what = append(what, "unsubscribing")
		}
		signs := make([]string, len(h.Visit.Signs))
		for i, sign := range h.Visit.Signs {
			signs[i] = string(sign)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", h.Item, h.Program, h.At.UTC().Format(time.DateTime), strings.Join(what, ", "), strings.Join(signs, " "))
	}
	return table.Flush()
}
