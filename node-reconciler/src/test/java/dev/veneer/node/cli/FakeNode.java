package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.SliverId;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A node that answers commands from memory and remembers what it was asked. */
final class FakeNode
        implements ObjectReader,
                Containers,
                PlanCommand.Planning,
                ApplyCommand.Applying,
                AgentCommand.Agent,
                DiffCommand.Comparing,
                ExportCommand.Exporting,
                DoctorCommand.Doctor,
                RollbackCommand.RollingBack,
                StoreCommand.StoreCare,
                GcCommand.Collecting {
    final List<String> asked = new ArrayList<>();
    final List<ObjectNode> objects = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
    final List<DiffCommand.Change> changes = new ArrayList<>();
    final List<StoreCommand.Damage> damages = new ArrayList<>();
    final List<GcCommand.Item> items = new ArrayList<>();
    final List<DoctorCommand.Finding> drivers = new ArrayList<>();
    PlanCommand.Planned planned =
            new PlanCommand.Planned("Nothing to do.", Json.MAPPER.createObjectNode(), true, Outcome.DONE);
    Outcome outcome = Outcome.DONE;
    Exception failure = null;
    int containerStatus;

    /** All commands, wired to this node. */
    List<Object> commands() {
        return List.of(
                new PlanCommand(this),
                new ApplyCommand(this),
                new AgentCommand(this),
                new GetCommand(this),
                new DescribeCommand(this),
                new DiffCommand(this),
                new ExportCommand(this),
                new RollbackCommand(this),
                new ExecCommand(this),
                new ConsoleCommand(this),
                new LogsCommand(this),
                new DoctorCommand(this),
                new StoreCommand(this),
                new GcCommand(this));
    }

    private void ask(StoreOptions store, String question) {
        asked.add(store.directory() + " " + question);
        if (failure != null) {
            throw sneaky(failure);
        }
    }

    /** Throws a checked exception through methods that declare different ones. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the cast is erased: that is the trick
    private static <E extends Exception> RuntimeException sneaky(Exception failure) throws E {
        throw (E) failure;
    }

    @Override
    public List<ObjectNode> list(StoreOptions store, Kind kind) {
        ask(store, "list " + kind.plural());
        return objects.stream()
                .filter(object -> kind.kind().equals(object.path("kind").asText()))
                .toList();
    }

    @Override
    public List<Event> events(StoreOptions store, Kind kind, String namespace, String name) {
        ask(store, "events " + kind.singular() + " " + namespace + "/" + name);
        return events;
    }

    @Override
    public Outcome last(StoreOptions store, SliverId sliver, Progress progress) {
        ask(store, "rollback " + sliver);
        return outcome;
    }

    @Override
    public Outcome to(StoreOptions store, SliverId sliver, int revision, Progress progress) {
        ask(store, "rollback " + sliver + " to " + revision);
        return outcome;
    }

    @Override
    public int exec(StoreOptions store, SliverId sliver, List<String> command) {
        ask(store, "exec " + sliver + " " + command);
        return containerStatus;
    }

    @Override
    public int console(StoreOptions store, SliverId sliver) {
        ask(store, "console " + sliver);
        return containerStatus;
    }

    @Override
    public int logs(StoreOptions store, SliverId sliver, Integer lines, boolean follow, PrintStream out) {
        ask(store, "logs " + sliver + " " + lines + " " + follow);
        return containerStatus;
    }

    @Override
    public PlanCommand.Planned plan(StoreOptions store, SourceOptions sources) {
        ask(store, "plan " + sources.paths());
        return planned;
    }

    @Override
    public Outcome apply(StoreOptions store, SourceOptions sources, Progress progress) {
        ask(
                store,
                "apply " + sources.paths() + (sources.prune() ? " prune" : "")
                        + (sources.allowShrink() ? " allow-shrink" : "") + (sources.takeOver() ? " take-over" : ""));
        progress.say("applied");
        return outcome;
    }

    @Override
    public Outcome run(StoreOptions store, SourceOptions sources, AgentCommand.Settings settings) {
        ask(store, "agent " + sources.paths() + " " + settings.resync() + " " + settings.metrics());
        return outcome;
    }

    @Override
    public List<DiffCommand.Change> diff(StoreOptions store, SliverId sliver) {
        ask(store, "diff " + sliver);
        return changes;
    }

    @Override
    public ExportCommand.Result export(
            StoreOptions store, SliverId sliver, ExportFormat format, String to, Progress progress) {
        ask(store, "export " + sliver + " as " + format + " to " + to);
        return new ExportCommand.Result("sha256:abc", 3 << 20, 12, 1);
    }

    @Override
    public DoctorCommand.Diagnosis examine(StoreOptions store) {
        ask(store, "doctor");
        return new DoctorCommand.Diagnosis(drivers, List.of());
    }

    @Override
    public List<StoreCommand.Damage> check(StoreOptions store, boolean contents, Progress progress) {
        ask(store, "check" + (contents ? " contents" : ""));
        return damages;
    }

    @Override
    public List<String> repair(StoreOptions store, boolean contents, Progress progress) {
        damages.clear();
        return List.of("WrongMode /srv/veneer/bases");
    }

    @Override
    public String rebuildIndex(StoreOptions store, Progress progress) {
        ask(store, "rebuild-index");
        return "3 objects";
    }

    @Override
    public List<GcCommand.Item> collect(StoreOptions store, boolean dryRun, Progress progress) {
        ask(store, "gc" + (dryRun ? " dry-run" : ""));
        return items;
    }

    @Override
    public List<GcCommand.Item> orphans(StoreOptions store, Set<SliverId> named, boolean remove, Progress progress) {
        ask(store, "gc orphans" + (named.isEmpty() ? "" : " " + named) + (remove ? " remove" : ""));
        return items;
    }
}
