package dev.veneer.node.store;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Removes plain trees of the tests' own making. */
final class PlainRemover implements TrashRemover {
    /** Which drivers were asked for which revisions: {@code DRIVER SLIVER@REVISION}. */
    final List<String> asked = new ArrayList<>();

    @Override
    public void emptyRevision(String driver, SliverId sliver, int revision, String directory) {
        asked.add(driver + " " + sliver + "@" + revision);
        remove(Path.of(directory), false);
    }

    @Override
    public void removeForm(BaseForm form, String path) {
        remove(Path.of(path), true);
    }

    private static void remove(Path top, boolean itself) {
        try (var walk = Files.walk(top)) {
            List<Path> paths = new ArrayList<>(walk.toList());
            Collections.reverse(paths);
            for (Path path : paths) {
                if (itself || !path.equals(top)) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
