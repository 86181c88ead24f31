package dev.veneer.node.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Objects as JSON and YAML. */
public final class Json {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    private Json() {}

    /** Indented as kubectl does it: four spaces, an element of a list on a line of its own. */
    public static void print(PrintStream out, JsonNode node) throws IOException {
        DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
        DefaultPrettyPrinter printer = new Printer();
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        MAPPER.writer(printer).writeValue(out, node);
        out.println();
    }

    public static void printYaml(PrintStream out, JsonNode node) throws IOException {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        new Yaml(options).dump(MAPPER.convertValue(node, Object.class), writer);
        writer.flush();
    }

    /** Several objects as the {@code List} that kubectl makes of them. */
    public static ObjectNode list(List<? extends JsonNode> objects) {
        ObjectNode list = MAPPER.createObjectNode();
        list.put("apiVersion", "v1");
        ArrayNode items = list.putArray("items");
        items.addAll(List.<JsonNode>copyOf(objects));
        list.put("kind", "List");
        list.putObject("metadata").put("resourceVersion", "");
        return list;
    }

    private static final class Printer extends DefaultPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public DefaultPrettyPrinter createInstance() {
            Printer copy = new Printer();
            copy._arrayIndenter = _arrayIndenter;
            copy._objectIndenter = _objectIndenter;
            return copy;
        }

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
            generator.writeRaw(": ");
        }
    }
}
