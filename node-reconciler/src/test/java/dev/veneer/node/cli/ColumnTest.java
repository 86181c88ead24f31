package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.Yaml;

class ColumnTest {
    /** What a cluster's controller counts over all nodes, and no node knows. */
    private static final String OF_CLUSTERS = ".status.nodes.";

    /** The table is the one that kubectl prints from the definitions. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void columnsAreThoseOfTheDefinition(Kind kind) throws IOException {
        Map<String, Object> crd =
                new Yaml().load(Files.readString(Path.of("../crds/veneer.dev_" + kind.plural() + ".yaml")));
        List<String> defined = new ArrayList<>();
        defined.add("Name .metadata.name false");
        for (Object column :
                list(map(list(map(crd.get("spec")).get("versions")).get(0)).get("additionalPrinterColumns"))) {
            Map<?, ?> fields = map(column);
            if (String.valueOf(fields.get("jsonPath")).startsWith(OF_CLUSTERS)) {
                continue;
            }
            defined.add(fields.get("name") + " " + fields.get("jsonPath") + " "
                    + !Integer.valueOf(0).equals(fields.get("priority")));
        }
        List<String> printed = Column.of(kind).stream()
                .map(column -> column.header() + " " + column.path() + " " + column.wide())
                .toList();
        assertEquals(defined, printed);
        Map<?, ?> names = map(map(crd.get("spec")).get("names"));
        assertEquals(names.get("kind"), kind.kind());
        assertEquals(names.get("plural"), kind.plural());
        assertEquals(names.get("singular"), kind.singular());
        assertEquals(
                kind,
                Kind.called(String.valueOf(list(names.get("shortNames")).get(0)))
                        .orElseThrow());
        assertEquals(kind.namespaced(), "Namespaced".equals(map(crd.get("spec")).get("scope")));
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }

    private static List<?> list(Object value) {
        return (List<?>) value;
    }
}
