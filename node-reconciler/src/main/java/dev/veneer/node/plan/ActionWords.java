package dev.veneer.node.plan;

/**
 * What an action is called when people read it.
 *
 * @param sign {@code +} makes, {@code ~} changes, {@code -} takes away
 * @param verb what is done, such as {@code create}
 * @param detail with what, may be empty
 * @param noun what a summary counts, such as {@code sliver}
 * @param end what comes after the noun there, such as {@code to create}
 */
public record ActionWords(char sign, String verb, String detail, String noun, String end) {
    private static final ActionVisitor<ActionWords, RuntimeException> WORDS = new Words();

    /** So many of them, as in {@code 2 slivers to create}. */
    String count(int number) {
        return number + " " + noun + (number == 1 ? " " : "s ") + end;
    }

    /** The words for an action. */
    public static ActionWords of(Action action) {
        return action.accept(WORDS);
    }

    private static final class Words implements ActionVisitor<ActionWords, RuntimeException> {
        @Override
        public ActionWords stopContainer(Action.StopContainer action) {
            return new ActionWords('-', "stop", "grace " + action.grace().toSeconds() + " s", "container", "to stop");
        }

        @Override
        public ActionWords unmount(Action.Unmount action) {
            return new ActionWords('-', "unmount", action.target(), "mount", "to take away");
        }

        @Override
        public ActionWords importImage(Action.ImportImage action) {
            return new ActionWords('+', "import", "", "base image", "to import");
        }

        @Override
        public ActionWords makeForm(Action.MakeForm action) {
            return new ActionWords('+', "form", action.form().fileName(), "form", "of bases to make");
        }

        @Override
        public ActionWords recordImage(Action.RecordImage action) {
            return new ActionWords('~', "record", "", "base image", "to update");
        }

        @Override
        public ActionWords recordStore(Action.RecordStore action) {
            return new ActionWords('~', "record", "", "node store", "to update");
        }

        @Override
        public ActionWords createSliver(Action.CreateSliver action) {
            String base = action.digest() == null ? "" : "@" + action.digest().brief();
            return new ActionWords(
                    '+',
                    "create",
                    action.driver() + " on " + action.sliver().baseImage() + base,
                    "sliver",
                    "to create");
        }

        @Override
        public ActionWords updateSliver(Action.UpdateSliver action) {
            return new ActionWords('~', "record", "", "sliver", "to update");
        }

        @Override
        public ActionWords newInstance(Action.NewInstance action) {
            return new ActionWords(
                    '~', "new instance", "revision " + action.record().revision(), "sliver", "to start again");
        }

        @Override
        public ActionWords compact(Rewrite.Compact action) {
            return new ActionWords('~', "compact", "revision " + action.from(), "sliver", "to compact");
        }

        @Override
        public ActionWords rebase(Rewrite.Rebase action) {
            return new ActionWords(
                    '~',
                    "rebase",
                    action.oldName() + "@" + action.oldBase().brief() + " to "
                            + action.record().baseName() + "@"
                            + action.record().baseDigest().brief(),
                    "sliver",
                    "to rebase");
        }

        @Override
        public ActionWords restore(Rewrite.Restore action) {
            String what = action.copied() ? "snapshot " : "revision ";
            return new ActionWords('~', "roll back", "to " + what + action.to(), "sliver", "to roll back");
        }

        @Override
        public ActionWords takeSnapshot(Action.TakeSnapshot action) {
            return new ActionWords('+', "snapshot", "revision " + action.number(), "snapshot", "to take");
        }

        @Override
        public ActionWords rerun(Action.RunInside action) {
            int number = action.commands().size();
            String commands = number + (number == 1 ? " command" : " commands");
            return new ActionWords('~', "run inside", commands, "sliver", "to run commands in");
        }

        @Override
        public ActionWords mount(Action.Mount action) {
            return new ActionWords('+', "mount", action.mapped() ? "ids mapped" : "", "mount", "to make");
        }

        @Override
        public ActionWords reattach(Action.Reattach action) {
            return new ActionWords(
                    '+', "attach", "as process " + action.pid() + " holds it", "mount", "to attach again");
        }

        @Override
        public ActionWords startContainer(Action.StartContainer action) {
            return new ActionWords('+', "start", "", "container", "to start");
        }

        @Override
        public ActionWords dropRevision(Action.DropRevision action) {
            return new ActionWords('-', "drop", "revision " + action.revision(), "revision", "to drop");
        }

        @Override
        public ActionWords deleteData(Action.DeleteData action) {
            return new ActionWords('-', "delete data", "", "sliver", "to empty");
        }

        @Override
        public ActionWords removeSliver(Action.RemoveSliver action) {
            return new ActionWords('-', "remove", "with its data", "sliver", "to remove");
        }

        @Override
        public ActionWords forgetImage(Action.ForgetImage action) {
            return new ActionWords('-', "forget", "", "base image", "to forget");
        }

        @Override
        public ActionWords markBase(Action.MarkBase action) {
            return new ActionWords('~', "mark", action.since() == null ? "in use" : "unreferenced", "base", "to mark");
        }

        @Override
        public ActionWords removeBase(Action.RemoveBase action) {
            return new ActionWords('-', "remove", "its tree", "base", "to remove");
        }

        @Override
        public ActionWords emptyTrash(Action.EmptyTrash action) {
            return new ActionWords('-', "empty", "trash", "trash", "to empty");
        }
    }
}
