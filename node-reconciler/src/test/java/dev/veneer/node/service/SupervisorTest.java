package dev.veneer.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.linux.JnrLinuxCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisorTest {
    /** Every Debian has Perl: a receiver of datagrams that prints each on a line, with | for line ends, until "end". */
    private static final String RECEIVER =
            """
            use IO::Socket::UNIX; use Socket; $| = 1;
            my $where = $ARGV[0]; $where =~ s/^@/\\0/;
            my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $where) or die "bind: $!";
            print "bound\\n";
            while (defined $s->recv(my $m, 65536)) { $m =~ s/\\n/|/g; print "$m\\n"; last if $m eq "STATUS=end"; }
            """;

    private final JnrLinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"path", "abstract"})
    void tellsTheManager(String sort) throws IOException, InterruptedException {
        String socket = sort.equals("path")
                ? directory.resolve("notify").toString()
                : "@veneer-test-" + ProcessHandle.current().pid();
        Process receiver = new ProcessBuilder("perl", "-e", RECEIVER, socket)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader heard = receiver.inputReader()) {
            assertEquals("bound", heard.readLine());
            Supervisor manager = Supervisor.of(
                    calls, Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "7"), 7);
            manager.ready("1000 slivers\nREADY=0");
            manager.alive();
            manager.alive();
            manager.stopping();
            manager.status("end");
            assertEquals("READY=1|STATUS=1000 slivers READY=0", heard.readLine());
            assertEquals("WATCHDOG=1", heard.readLine());
            assertEquals("STOPPING=1", heard.readLine());
            assertEquals("STATUS=end", heard.readLine());
        } finally {
            receiver.destroy();
            receiver.waitFor();
        }
    }

    @Test
    void asksForHalfOfTheWatchdogsTime() {
        assertEquals(
                Optional.of(Duration.ofSeconds(15)),
                Supervisor.of(calls, Map.of("WATCHDOG_USEC", "30000000"), 7).watchdogInterval());
        assertEquals(
                Optional.empty(),
                Supervisor.of(calls, Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "8"), 7)
                        .watchdogInterval());
        for (String bad : new String[] {"", "0", "-1", "soon", "99999999999999999999"}) {
            assertEquals(
                    Optional.empty(),
                    Supervisor.of(calls, Map.of("WATCHDOG_USEC", bad), 7).watchdogInterval());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "/nobody/listens/here"})
    void aManagerThatIsNotThereIsNoFailure(String socket) {
        Supervisor manager = Supervisor.of(calls, Map.of("NOTIFY_SOCKET", socket), 7);
        manager.ready("x");
        manager.ready("x");
        Supervisor.of(calls, Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)), 7).ready("x");
    }
}
