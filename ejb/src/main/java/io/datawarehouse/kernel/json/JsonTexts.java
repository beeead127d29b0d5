package io.datawarehouse.kernel.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.TreeSet;

/** Reads what is kept as JSON text: token by token, so that no limit is learnt of too late. */
final class JsonTexts {

  private static final JsonFactory WRITERS = new JsonFactory();

  private JsonTexts() {}

  /** Copies the value that the parser stands at, and leaves the parser at its end. */
  private static void copy(JsonParser in, JsonGenerator out) throws IOException {
    int depth = 0;
    do {
      JsonToken token = in.currentToken();
      if (token.isNumeric()) {
        out.writeNumber(in.getText());
      } else {
        out.copyCurrentEvent(in);
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    } while (depth > 0 && in.nextToken() != null);
    out.close();
  }

  /** Reads any value. */
  static final class TextReader extends StdScalarDeserializer<JsonText> {
    private static final long serialVersionUID = 1L;

    TextReader() {
      super(JsonText.class);
    }

    @Override
    public JsonText deserialize(JsonParser in, DeserializationContext context) throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      copy(in, WRITERS.createGenerator(text));
      return new JsonText(Bytes.copyOf(text.toByteArray()));
    }

    @Override
    public JsonText getNullValue(DeserializationContext context) {
      return JsonText.NULL;
    }
  }

  /** Reads options, which are a tree for a moment: to put their names in order. */
  static final class OptionsReader extends StdScalarDeserializer<ShardingOptions> {
    private static final long serialVersionUID = 1L;

    OptionsReader() {
      super(ShardingOptions.class);
    }

    @Override
    public ShardingOptions deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      if (!in.hasToken(JsonToken.START_OBJECT)) {
        return (ShardingOptions) context.handleUnexpectedToken(ShardingOptions.class, in);
      }
      OptionsText text = new OptionsText();
      copy(in, WRITERS.createGenerator(text));
      try (JsonParser again = in.getCodec().getFactory().createParser(text.toString())) {
        again.nextToken();
        return new ShardingOptions(inOrder(context.readTree(again)).toString());
      }
    }

    /** The same object always gets the same text. */
    private static JsonNode inOrder(JsonNode node) {
      if (node.isObject()) {
        ObjectNode sorted = JsonNodeFactory.instance.objectNode();
        TreeSet<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        names.forEach(name -> sorted.set(name, inOrder(node.get(name))));
        return sorted;
      }
      if (node.isArray()) {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        node.forEach(element -> copy.add(inOrder(element)));
        return copy;
      }
      return node;
    }
  }

  /** A text that may not become longer than options may be. */
  private static final class OptionsText extends StringWriter {

    @Override
    public void write(char[] source, int offset, int length) {
      requireRoom(length);
      super.write(source, offset, length);
    }

    @Override
    public void write(String source, int offset, int length) {
      requireRoom(length);
      super.write(source, offset, length);
    }

    private void requireRoom(int length) {
      if (getBuffer().length() + length > ShardingOptions.LONGEST) {
        throw WarehouseException.invalid(
            "shardingOptions",
            "more than " + ShardingOptions.LONGEST + " characters",
            "at most " + ShardingOptions.LONGEST);
      }
    }
  }
}
