package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Verdict;
import dev.veneer.api.validation.Violation;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the text of one file into objects, good and wrong, each with its place. */
final class DocumentReader {
    /** After this many problems the rest of a file is not read: nobody reads more, and each takes memory. */
    static final int PROBLEMS = 1000;

    static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /**
     * What one file holds.
     *
     * @param objects the objects that can be named
     * @param problems what cannot be laid to an object that can be named, and notices
     */
    record Contents(List<ReadObject> objects, List<Problem> problems) {
        Contents {
            objects = List.copyOf(objects);
            problems = List.copyOf(problems);
        }
    }

    private final ObjectValidator validator;
    private final String file;
    private final List<ReadObject> objects = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private int count;
    private int wrong;
    private final ObjectContents contents = new ObjectContents();

    private DocumentReader(ObjectValidator validator, String file) {
        this.validator = validator;
        this.file = file;
    }

    /**
     * Reads one file.
     *
     * @param file its name, for people
     * @param json whether it must be JSON; else it is YAML, of which JSON is nearly a part
     */
    static Contents read(ObjectValidator validator, String file, byte[] bytes, boolean json) {
        DocumentReader reader = new DocumentReader(validator, file);
        try {
            reader.text(SourceText.decode(bytes), json);
        } catch (TextProblem e) {
            reader.unnamed(e.mark(), "", e.text());
        }
        if (reader.objects.isEmpty() && reader.problems.isEmpty()) {
            reader.problems.add(new Problem(file, null, null, "", "holds no object", true));
        }
        return new Contents(reader.objects, reader.problems);
    }

    private void text(String text, boolean json) throws TextProblem {
        if (json) {
            for (Document document : JsonDocuments.read(text)) {
                document(document);
            }
            return;
        }
        if (text.stripLeading().startsWith("{")) {
            List<Document> documents = jsonOrNothing(text);
            if (documents != null) {
                for (Document document : documents) {
                    document(document);
                }
                return;
            }
        }
        for (SourceText.Part part : SourceText.split(text)) {
            List<Document> documents;
            try {
                documents = YamlDocuments.read(part.text(), part.lineOffset());
            } catch (TextProblem e) {
                wrong++;
                unnamed(e.mark(), "", e.text());
                continue;
            }
            for (Document document : documents) {
                document(document);
            }
            if (wrong > PROBLEMS) {
                throw new TextProblem(
                        part.lineOffset() + 1, 1, "more than " + PROBLEMS + " problems; the rest was not read");
            }
        }
    }

    /** JSON with tabs is no YAML, and YAML in braces is no JSON; which is meant shows in which can be read. */
    private static @Nullable List<Document> jsonOrNothing(String text) {
        try {
            return JsonDocuments.read(text);
        } catch (TextProblem e) {
            return null;
        }
    }

    private void document(Document document) throws TextProblem {
        if (document.root() instanceof Marked.Mapping map
                && text(map, "kind").equals("List")
                && text(map, "apiVersion").equals("v1")
                && map.entries().containsKey("items")) {
            Marked items = map.entries().get("items").value();
            if (items instanceof Marked.Sequence list) {
                for (Marked item : list.items()) {
                    object(item, document);
                }
                return;
            }
        }
        object(document.root(), document);
    }

    private void object(Marked root, Document document) throws TextProblem {
        Document.bound(count++, root.mark().line());
        ObjectRef ref = document.doubtful() ? null : name(root);
        JsonNode json = root.json();
        Verdict verdict = validator.judge(json, null);
        List<Problem> said = new ArrayList<>();
        for (TextProblem problem : document.problems()) {
            said.add(problem(problem.mark(), ref, "", problem.text(), false));
        }
        for (Violation violation : verdict.violations()) {
            said.add(problem(root.find(violation.path()), ref, path(violation), violation.message(), false));
        }
        for (Violation notice : verdict.notices()) {
            said.add(problem(root.find(notice.path()), ref, path(notice), notice.message(), true));
        }
        wrong += said.size();
        if (ref == null) {
            problems.addAll(said);
            return;
        }
        String where = where(root.mark());
        boolean good = document.problems().isEmpty() && verdict.canonical().isPresent();
        ReadObject.Content content = good ? contents.of(verdict.canonical().get(), ref, where, null) : null;
        objects.add(new ReadObject(ref, where, content, said));
    }

    private static String path(Violation violation) {
        return violation.path().toString();
    }

    /** Which object a value declares, right or wrong; null when that cannot be told. */
    private static @Nullable ObjectRef name(Marked root) {
        if (!(root instanceof Marked.Mapping object)) {
            return null;
        }
        String kind = text(object, "kind");
        Marked.Entry metadata = object.entries().get("metadata");
        if (!ObjectValidator.kinds().contains(kind)
                || metadata == null
                || !(metadata.value() instanceof Marked.Mapping names)) {
            return null;
        }
        String name = text(names, "name");
        if (!LABEL.matcher(name).matches()) {
            return null;
        }
        if (!ObjectValidator.isNamespaced(kind)) {
            return new ObjectRef(ObjectRef.Kind.valueOf(kind), name);
        }
        Marked.Entry given = names.entries().get("namespace");
        boolean absent = given == null || given.value().json().isNull();
        String namespace = absent ? "default" : text(names, "namespace");
        return LABEL.matcher(namespace).matches() ? ObjectRef.of(new SliverId(namespace, name)) : null;
    }

    private static String text(Marked.Mapping map, String key) {
        Marked.Entry entry = map.entries().get(key);
        return entry != null && entry.value().json().isTextual()
                ? entry.value().json().asText()
                : "";
    }

    private void unnamed(Marked.Mark mark, String field, String message) {
        problems.add(problem(mark, null, field, message, false));
    }

    private Problem problem(Marked.Mark mark, @Nullable ObjectRef ref, String field, String message, boolean warning) {
        return new Problem(
                where(mark),
                ref == null ? null : ref.kind().name(),
                ref == null ? null : ref.name(),
                field,
                message,
                warning);
    }

    private String where(Marked.Mark mark) {
        return file + ":" + mark.line() + ":" + mark.column();
    }
}
