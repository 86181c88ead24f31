package dev.veneer.node.app;

import dev.veneer.node.cli.AgentCommand;
import dev.veneer.node.cli.ApplyCommand;
import dev.veneer.node.cli.CompactCommand;
import dev.veneer.node.cli.ConsoleCommand;
import dev.veneer.node.cli.DescribeCommand;
import dev.veneer.node.cli.DiffCommand;
import dev.veneer.node.cli.DoctorCommand;
import dev.veneer.node.cli.ExecCommand;
import dev.veneer.node.cli.ExportCommand;
import dev.veneer.node.cli.GcCommand;
import dev.veneer.node.cli.GetCommand;
import dev.veneer.node.cli.LogsCommand;
import dev.veneer.node.cli.PlanCommand;
import dev.veneer.node.cli.RebaseCommand;
import dev.veneer.node.cli.RollbackCommand;
import dev.veneer.node.cli.RulesCommand;
import dev.veneer.node.cli.StoreCommand;
import java.util.List;

/** Which commands there are, each wired to what does its work. */
public final class Commands {
    private Commands() {}

    /** All commands, in the order of the help. */
    public static List<Object> wired() {
        return wired(new Agent());
    }

    /** The same with an agent that is made otherwise. */
    static List<Object> wired(Agent agent) {
        Objects objects = new Objects();
        SliverContainers containers = new SliverContainers();
        return List.of(
                new PlanCommand(new Planning()),
                new ApplyCommand(new Applying()),
                new AgentCommand(agent),
                new GetCommand(objects),
                new DescribeCommand(objects),
                new DiffCommand(new Comparing()),
                new CompactCommand(new Compacting()),
                new RebaseCommand(new Rebasing()),
                new RulesCommand(new Rules()),
                new ExportCommand(new Exporting()),
                new RollbackCommand(new RollingBack()),
                new ExecCommand(containers),
                new ConsoleCommand(containers),
                new LogsCommand(containers),
                new DoctorCommand(new Examining()),
                new StoreCommand(new Caring()),
                new GcCommand(new Collecting()));
    }
}
