package dev.veneer.node.store;

import dev.veneer.node.model.ObjectRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what the parts of a check find. */
final class CheckReport {
    private final StoreLayout layout;
    private final boolean writerRuns;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param writerRuns whether somebody changes the store just now: what looks left over is being worked on then
     */
    CheckReport(StoreLayout layout, boolean writerRuns) {
        this.layout = layout;
        this.writerRuns = writerRuns;
    }

    void add(Finding.Kind kind, @Nullable ObjectRef object, String path, String message, String remedy) {
        if (kind.severity() != Finding.Severity.LEFTOVER || !writerRuns) {
            findings.add(new Finding(kind, object, layout.absolute(path), message, remedy));
        }
    }

    /** What is not Veneer's, wherever it lies. */
    void foreign(String path) {
        add(
                Finding.Kind.ForeignFile,
                null,
                path,
                "Veneer did not make this and never touches it",
                "move it out of the store");
    }

    List<Finding> findings() {
        findings.sort(Comparator.comparing((Finding finding) -> finding.kind().severity())
                .thenComparing(Finding::path)
                .thenComparing(Finding::kind));
        return List.copyOf(findings);
    }
}
