package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentOptionsTest {
    private final FakeNode node = new FakeNode();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return Veneer.commandLine(Terminal.of(out, errors, "", Map.of()), node.commands())
                .execute(arguments);
    }

    @Test
    void theAgentsSettingsAreRead() {
        assertEquals(0, run("agent", "-f", "d", "--resync", "1h30m", "--metrics-address", "9464", "--store", "/s"));
        assertEquals(
                0,
                run(
                        "agent",
                        "-f",
                        "d",
                        "--metrics-address",
                        "[::1]:80",
                        "--metrics-token-file",
                        "/t",
                        "--store",
                        "/s"));
        assertEquals(
                "/s agent [d] PT1H30M MetricsSettings[address=/127.0.0.1:9464, token=null, certificate=null]",
                node.asked.get(0).replace("localhost", ""));
        assertTrue(node.asked.get(1).endsWith(":80, token=/t, certificate=null]"), node.asked.get(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--metrics-tls-cert c --metrics-tls-key k",
                "--metrics-address 1 --metrics-tls-cert c",
                "--metrics-address 1 --metrics-tls-key k"
            })
    void aCertificateIsForMetricsAndHasAKey(String options) {
        assertEquals(64, run(("agent -f x " + options).split(" ", -1)));
        assertTrue(
                err.toString(StandardCharsets.UTF_8).contains("go together, and are for --metrics-address"),
                () -> err.toString(StandardCharsets.UTF_8));
        assertEquals(List.of(), node.asked);
    }

    @Test
    void aCertificateThatCannotBeReadIsTold() {
        assertEquals(
                64,
                run(
                        "agent",
                        "-f",
                        "x",
                        "--metrics-address",
                        "1",
                        "--metrics-tls-cert",
                        "/no/c",
                        "--metrics-tls-key",
                        "k"));
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("metrics over HTTPS: /no/c is not there"), said);
        assertEquals(List.of(), node.asked);
    }
}
