package dev.veneer.node.execute;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rebase.PathReport;
import dev.veneer.node.tree.rebase.RebasePlan;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** What a move decided, path by path, as JSON: what {@code --dry-run} prints and the store keeps. */
public final class RebaseReport {
    private static final JsonFactory JSON = new JsonFactory();

    private RebaseReport() {}

    static String of(Rewrite.Rebase action, RebaseWork.Moved moved) {
        return of(action.record().revision(), moved.summary(), moved.plan());
    }

    /** Of one move. */
    static String of(int revision, RebaseSummary summary, RebasePlan plan) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("from", summary.from());
            json.writeStringField("to", summary.to());
            json.writeStringField("strategy", summary.strategy());
            json.writeNumberField("revision", revision);
            json.writeBooleanField("possible", !plan.failed());
            json.writeObjectFieldStart("counts");
            for (Verdict verdict : Verdict.values()) {
                json.writeNumberField(verdict.word(), plan.counts().getOrDefault(verdict, 0L));
            }
            json.writeEndObject();
            json.writeNumberField("bytesWritten", summary.bytesWritten());
            json.writeArrayFieldStart("paths");
            for (PathReport report : plan.reports()) {
                json.writeStartObject();
                json.writeStringField("path", TreePath.show(report.path().array()));
                json.writeStringField("verdict", report.verdict().word());
                if (report.settled() != null) {
                    json.writeStringField("settled", settled(report));
                }
                if (!report.by().isEmpty()) {
                    json.writeStringField("by", report.by());
                }
                if (!report.detail().isEmpty()) {
                    json.writeStringField("detail", report.detail());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("toRun");
            for (Rerun rerun : plan.reruns()) {
                json.writeString(String.join(" ", rerun.command()));
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static String settled(PathReport report) {
        return switch (java.util.Objects.requireNonNull(report.settled())) {
            case FAIL -> "not";
            case KEEP_SLIVER -> "KeepSliver";
            case TAKE_BASE -> "TakeBase";
        };
    }
}
