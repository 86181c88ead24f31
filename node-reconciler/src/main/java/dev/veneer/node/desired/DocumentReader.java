package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Verdict;
import dev.veneer.api.validation.Violation;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the text of one file into objects, good and wrong, each with its place. */
final class DocumentReader {
    /** The annotation of a NodeStore that lets sources lose many objects. */
    static final String ALLOW_SHRINK = "veneer.dev/allow-shrink";

    /** After this many problems the rest of a file is not read: nobody reads more, and each takes memory. */
    static final int PROBLEMS = 1000;

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

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
    private JsonNode lastSpec = MissingNode.getInstance();
    private String lastText = "";

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
        ReadObject.Content content = good ? content(verdict.canonical().get(), ref, where) : null;
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

    /** A spec as text. The validator gives the same object for the same spec, and the text is then the same too. */
    @SuppressWarnings("ReferenceEquality")
    private String text(JsonNode spec) {
        if (spec != lastSpec) {
            lastSpec = spec;
            lastText = spec.toString();
        }
        return lastText;
    }

    private ReadObject.Content content(ObjectNode object, ObjectRef ref, String where) {
        JsonNode spec = object.path("spec");
        Map<String, String> annotations = texts(object.at("/metadata/annotations"));
        String name = object.at("/metadata/name").asText();
        return switch (ref.kind()) {
            case Sliver ->
                new ReadObject.OfSliver(
                        DeclaredSpecs.sliver(
                                SliverId.parse(ref.name()),
                                text(spec),
                                texts(object.at("/metadata/labels")),
                                annotations,
                                where),
                        spec.path("nodeName").asText());
            case BaseImage -> new ReadObject.OfImage(DeclaredSpecs.image(name, spec.toString(), where));
            default ->
                new ReadObject.OfStore(
                        DeclaredSpecs.store(name, spec.toString(), where),
                        spec.path("nodeName").asText(),
                        spec.path("path").asText(),
                        spec.path("default").asBoolean(),
                        "true".equals(annotations.get(ALLOW_SHRINK)));
        };
    }

    private static Map<String, String> texts(JsonNode map) {
        Map<String, String> texts = new TreeMap<>();
        map.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
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
