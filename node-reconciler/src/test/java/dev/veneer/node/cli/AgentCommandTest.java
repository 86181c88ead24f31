package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the agent is told to take what is declared from. */
class AgentCommandTest {
    private final List<AgentCommand.Settings> asked = new ArrayList<>();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private int run(String... arguments) {
        AgentCommand command = new AgentCommand((store, sources, settings) -> {
            asked.add(settings);
            return Outcome.DONE;
        });
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            return Veneer.commandLine(Terminal.of(out, out, "", Map.of()), List.of(command))
                    .execute(arguments);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "agent                                          | files with -f, or a cluster with --kubernetes",
                "agent --kubernetes -f /etc/veneer              | --kubernetes stands for itself",
                "agent --kubernetes --prune                     | --kubernetes stands for itself",
                "agent --kubernetes --take-over                 | --kubernetes stands for itself",
                "agent -f /etc/veneer --node-name a             | are for --kubernetes",
                "agent -f /etc/veneer --kubeconfig a            | are for --kubernetes",
                "agent --kubernetes --node-name Node_1          | must be the name of a node",
                "agent --kubernetes --node-name ../a            | must be the name of a node",
                "agent --kubernetes --node-name -               | must be the name of a node",
            })
    void oneOfTheTwo(String line, String says) {
        assertEquals(64, run(line.split(" ", -1)));
        String text = said.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains(says), text);
        assertEquals(List.of(), asked);
    }

    @Test
    void aClusterIsNamed() {
        assertEquals(0, run("agent", "--kubernetes", "--store", "/s"));
        assertEquals(
                new AgentCommand.ClusterSettings(null, "", "veneer-system"),
                asked.get(0).cluster());
        assertEquals(
                0,
                run(
                        "agent",
                        "--kubernetes",
                        "--kubeconfig",
                        "/k",
                        "--node-name",
                        "n1.example.org",
                        "--system-namespace",
                        "other",
                        "--store",
                        "/s"));
        assertEquals(
                new AgentCommand.ClusterSettings(Path.of("/k"), "n1.example.org", "other"),
                asked.get(1).cluster());
        assertEquals(0, run("agent", "-f", "/etc/veneer", "--store", "/s"));
        assertNull(asked.get(2).cluster());
    }
}
