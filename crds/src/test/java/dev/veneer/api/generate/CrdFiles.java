package dev.veneer.api.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.veneer.api.v1alpha1.BaseImage;
import dev.veneer.api.v1alpha1.BaseImageSpec;
import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.NodeStoreSpec;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.Sliver;
import dev.veneer.api.v1alpha1.SliverSpec;
import dev.veneer.api.v1alpha1.SliverStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Generates every file that follows from the API's types: the CRDs in {@code crds/}, the schemas that our own validation
 * reads, and the field reference {@code docs/api.md}. {@code mvn -pl crds -Dveneer.regenerate=true test -Dtest=GeneratedFilesTest} writes them.
 */
final class CrdFiles {
    private record Kind(Class<? extends HasMetadata> type, String plural, Class<?> spec, Class<?> status) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(BaseImage.class, "baseimages", BaseImageSpec.class, BaseImageStatus.class),
            new Kind(NodeStore.class, "nodestores", NodeStoreSpec.class, NodeStoreStatus.class),
            new Kind(Sliver.class, "slivers", SliverSpec.class, SliverStatus.class));
    private static final String HEADER = "# Generated from the types in crds/src/main/java; do not edit.\n";

    private final Path module;
    private final TypeDocs docs;
    private final YAMLMapper yaml = YAMLMapper.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();
    private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** @param module the directory of the Maven module {@code crds} */
    CrdFiles(Path module) {
        this.module = module;
        Path api = module.resolve("src/main/java/dev/veneer/api");
        this.docs = TypeDocs.read(api, api.resolve("v1alpha1"));
    }

    /** The files' contents by their path in the module. */
    Map<Path, String> generate() {
        Map<Path, String> files = new TreeMap<>();
        ObjectNode schemas = json.createObjectNode();
        List<ObjectNode> crds = new ArrayList<>();
        try {
            for (Kind kind : KINDS) {
                ObjectNode crd = crd(kind);
                crds.add(crd);
                files.put(Path.of("veneer.dev_" + kind.plural + ".yaml"), HEADER + yaml.writeValueAsString(crd));
                ObjectNode entry = schemas.putObject(kind.type.getSimpleName());
                entry.put("scope", crd.at("/spec/scope").asText());
                ObjectNode schema = withoutDescriptions(crd.at("/spec/versions/0/schema/openAPIV3Schema"));
                ((ObjectNode) schema.path("properties")).remove("status");
                entry.set("schema", schema);
            }
            files.put(
                    Path.of("src/main/resources/dev/veneer/api/validation/schemas.json"),
                    json.writeValueAsString(schemas) + "\n");
            files.put(Path.of("../docs/api.md"), ApiReference.write(crds, docs));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        return files;
    }

    /** Writes the files that differ. */
    void write() {
        generate().forEach((path, text) -> {
            try {
                Path target = module.resolve(path);
                Files.createDirectories(target.getParent());
                Files.writeString(target, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private ObjectNode crd(Kind kind) throws IOException {
        Map<String, ByteArrayOutputStream> outputs = new LinkedHashMap<>();
        new CRDGenerator()
                .withParallelGenerationEnabled(false)
                .forCRDVersions("v1")
                .customResourceClasses(List.of(kind.type))
                .withOutput(new Memory(outputs))
                .generate();
        String text = outputs.values().iterator().next().toString(StandardCharsets.UTF_8);
        ObjectNode crd = (ObjectNode) yaml.readTree(text);
        ObjectNode schema = (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema");
        schema.put("description", docs.ofType(kind.type.getSimpleName()));
        SchemaFinish finish = new SchemaFinish(docs);
        ObjectNode spec = (ObjectNode) schema.at("/properties/spec");
        ObjectNode status = (ObjectNode) schema.at("/properties/status");
        finish.finish(kind.spec, spec);
        finish.finish(kind.status, status);
        spec.put("description", docs.ofType(kind.spec.getSimpleName()));
        status.put("description", docs.ofType(kind.status.getSimpleName()));
        status.putObject("default").put("observedGeneration", -1);
        schema.putArray("required").add("spec");
        orderColumns(kind, (ObjectNode) crd.at("/spec/versions/0"));
        return crd;
    }

    /** Fabric8 sorts the columns by path; kubectl shows them in the order of the file. */
    private static void orderColumns(Kind kind, ObjectNode version) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        version.path("additionalPrinterColumns")
                .forEach(column -> byName.put(column.path("name").asText(), column));
        ArrayNode columns = version.putArray("additionalPrinterColumns");
        for (AdditionalPrinterColumn column : kind.type.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            columns.add(byName.get(column.name()));
        }
    }

    private static ObjectNode withoutDescriptions(JsonNode schema) {
        ObjectNode copy = schema.deepCopy();
        strip(copy, false);
        return copy;
    }

    private static void strip(JsonNode node, boolean properties) {
        if (node instanceof ObjectNode object && !properties) {
            object.remove("description");
        }
        node.properties()
                .forEach(field ->
                        strip(field.getValue(), !properties && field.getKey().equals("properties")));
        for (JsonNode item : node.isArray() ? node : List.<JsonNode>of()) {
            strip(item, false);
        }
    }

    /** Keeps what the generator writes in memory. */
    private record Memory(Map<String, ByteArrayOutputStream> outputs)
            implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return outputs.computeIfAbsent(crdName, name -> new ByteArrayOutputStream());
        }

        @Override
        public void close() {}
    }
}
