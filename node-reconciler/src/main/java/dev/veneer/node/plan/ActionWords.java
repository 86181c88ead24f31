package dev.veneer.node.plan;

/**
 * What an action is called when people read it.
 *
 * @param sign {@code +} makes, {@code ~} changes, {@code -} takes away
 * @param verb what is done, such as {@code create}
 * @param detail with what, may be empty
 * @param counted what a summary counts it as, such as {@code slivers to create}
 */
public record ActionWords(char sign, String verb, String detail, String counted) {
    private static final Action.Visitor<ActionWords, RuntimeException> WORDS = new Words();

    /** The words for an action. */
    public static ActionWords of(Action action) {
        return action.accept(WORDS);
    }

    private static final class Words implements Action.Visitor<ActionWords, RuntimeException> {
        @Override
        public ActionWords stopContainer(Action.StopContainer action) {
            return new ActionWords('-', "stop", "grace " + action.grace().toSeconds() + " s", "containers to stop");
        }

        @Override
        public ActionWords unmount(Action.Unmount action) {
            return new ActionWords('-', "unmount", action.target(), "mounts to take away");
        }

        @Override
        public ActionWords importImage(Action.ImportImage action) {
            return new ActionWords('+', "import", "", "base images to import");
        }

        @Override
        public ActionWords makeForm(Action.MakeForm action) {
            return new ActionWords('+', "form", action.form().fileName(), "forms of bases to make");
        }

        @Override
        public ActionWords recordImage(Action.RecordImage action) {
            return new ActionWords('~', "record", "", "base images to update");
        }

        @Override
        public ActionWords createSliver(Action.CreateSliver action) {
            String base = action.digest() == null ? "" : "@" + action.digest().brief();
            return new ActionWords(
                    '+', "create", action.driver() + " on " + action.sliver().baseImage() + base, "slivers to create");
        }

        @Override
        public ActionWords updateSliver(Action.UpdateSliver action) {
            return new ActionWords('~', "record", "", "slivers to update");
        }

        @Override
        public ActionWords newInstance(Action.NewInstance action) {
            return new ActionWords(
                    '~', "new instance", "revision " + action.record().revision(), "slivers to start again");
        }

        @Override
        public ActionWords mount(Action.Mount action) {
            return new ActionWords('+', "mount", action.mapped() ? "ids mapped" : "", "mounts to make");
        }

        @Override
        public ActionWords reattach(Action.Reattach action) {
            return new ActionWords('+', "attach", "as process " + action.pid() + " holds it", "mounts to attach again");
        }

        @Override
        public ActionWords startContainer(Action.StartContainer action) {
            return new ActionWords('+', "start", "", "containers to start");
        }

        @Override
        public ActionWords dropRevision(Action.DropRevision action) {
            return new ActionWords('-', "drop", "revision " + action.revision(), "revisions to drop");
        }

        @Override
        public ActionWords deleteData(Action.DeleteData action) {
            return new ActionWords('-', "delete data", "", "slivers to empty");
        }

        @Override
        public ActionWords removeSliver(Action.RemoveSliver action) {
            return new ActionWords('-', "remove", "with its data", "slivers to remove");
        }

        @Override
        public ActionWords forgetImage(Action.ForgetImage action) {
            return new ActionWords('-', "forget", "", "base images to forget");
        }

        @Override
        public ActionWords markBase(Action.MarkBase action) {
            return new ActionWords('~', "mark", action.since() == null ? "in use" : "unreferenced", "bases to mark");
        }

        @Override
        public ActionWords removeBase(Action.RemoveBase action) {
            return new ActionWords('-', "remove", "its tree", "bases to remove");
        }

        @Override
        public ActionWords emptyTrash(Action.EmptyTrash action) {
            return new ActionWords('-', "empty", "trash", "trashes to empty");
        }
    }
}
