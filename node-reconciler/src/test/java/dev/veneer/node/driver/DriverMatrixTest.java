package dev.veneer.node.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.linux.JnrLinuxCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The driver matrix in {@code docs/drivers.md} is what the drivers declare. To write it anew:
 * {@code mvn -pl node-reconciler -am test -Dtest=DriverMatrixTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dveneer.regenerate=true}.
 */
class DriverMatrixTest {
    private static final String BEGIN = "<!-- begin of the generated matrix -->\n";
    private static final String END = "<!-- end of the generated matrix -->";

    private record Row(String title, Function<StorageDriver, String> cell) {}

    private static final List<Row> ROWS = List.of(
            new Row("form of the base", driver -> driver.form().fileName()),
            flag("shares the base's bytes on the disk", DriverCapabilities::sharesBaseBytes),
            flag("shares the base's pages in memory", DriverCapabilities::sharesPageCache),
            flag("unprivileged slivers with unshifted ids", DriverCapabilities::idmapped),
            flag("owner may make a 0:0 device", DriverCapabilities::storesWhiteoutDevice),
            flag("owner may make btrfs subvolumes", DriverCapabilities::nestedSubvolumes),
            flag("hard links of the base stay joined", DriverCapabilities::hardLinksOfBaseKept),
            new Row(
                    "slivers made at once",
                    driver -> Integer.toString(driver.capabilities().parallelCreates())));

    private static Row flag(String title, Function<DriverCapabilities, Boolean> capability) {
        return new Row(title, driver -> capability.apply(driver.capabilities()) ? "yes" : "no");
    }

    @Test
    void matrixIsFresh() throws IOException {
        Path file = Path.of("../docs/drivers.md");
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        String matrix = matrix();
        if (Boolean.getBoolean("veneer.regenerate")) {
            Files.writeString(file, text.substring(0, begin) + matrix + text.substring(end));
            return;
        }
        assertEquals(matrix, text.substring(begin, end), "docs/drivers.md is stale: see this test for how to renew it");
    }

    private static String matrix() {
        List<DriverRegistry.Entry> drivers =
                DriverRegistry.all(new JnrLinuxCalls()).inOrder();
        StringBuilder text = new StringBuilder("\n| |");
        drivers.forEach(entry -> text.append(" `").append(entry.driver().name()).append("` |"));
        text.append("\n|---|").append("---|".repeat(drivers.size())).append('\n');
        for (Row row : ROWS) {
            text.append("| ").append(row.title()).append(" |");
            drivers.forEach(entry ->
                    text.append(' ').append(row.cell().apply(entry.driver())).append(" |"));
            text.append('\n');
        }
        text.append("| what speaks for it |");
        drivers.forEach(entry -> text.append(' ').append(entry.because()).append(" |"));
        return text.append("\n\n").toString();
    }
}
