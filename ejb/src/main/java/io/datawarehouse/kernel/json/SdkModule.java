package io.datawarehouse.kernel.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.MessageId;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** How the small value types of the SDK look in JSON: as plain strings, bytes in Base64. */
final class SdkModule extends SimpleModule {

  private static final long serialVersionUID = 1L;

  SdkModule() {
    super("datawarehouse-sdk");
    text(BucketName.class, BucketName::value, BucketName::new);
    text(NodeId.class, NodeId::value, NodeId::new);
    text(PluginId.class, PluginId::value, PluginId::new);
    text(CapabilityName.class, CapabilityName::value, CapabilityName::new);
    text(Topic.class, Topic::name, Topic::of);
    text(TopicPattern.class, TopicPattern::text, TopicPattern::of);
    text(MessageId.class, MessageId::toString, MessageId::parse);
    setMixInAnnotation(BlobManifest.class, ShownManifest.class);
    addSerializer(Bytes.class, new BytesWriter());
    addDeserializer(Bytes.class, new BytesReader());
    addSerializer(ShardingOptions.class, new OptionsWriter());
    addDeserializer(JsonText.class, new JsonTexts.TextReader());
    addDeserializer(ShardingOptions.class, new JsonTexts.OptionsReader());
  }

  /** How content lies in the store is nobody's business outside. */
  private abstract static class ShownManifest {
    @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
    abstract Optional<ContentEncoding> encoding();
  }

  private <T> void text(Class<T> type, Function<T, String> write, Function<String, T> read) {
    addSerializer(type, new TextWriter<>(type, write));
    addDeserializer(type, new TextReader<>(type, read));
  }

  private static final class TextWriter<T> extends StdScalarSerializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<T, String> write;

    TextWriter(Class<T> type, Function<T, String> write) {
      super(type);
      this.write = write;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(write.apply(value));
    }
  }

  private static final class TextReader<T> extends StdScalarDeserializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<String, T> read;
    private final Class<T> type;

    TextReader(Class<T> type, Function<String, T> read) {
      super(type);
      this.read = read;
      this.type = type;
    }

    @Override
    @SuppressWarnings("unchecked")
    public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.hasToken(JsonToken.VALUE_STRING)) {
        return (T) context.handleUnexpectedToken(type, in);
      }
      return read.apply(in.getText());
    }
  }

  private static final class BytesWriter extends StdScalarSerializer<Bytes> {
    private static final long serialVersionUID = 1L;

    BytesWriter() {
      super(Bytes.class);
    }

    @Override
    public void serialize(Bytes value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeBinary(value.toArray());
    }
  }

  private static final class BytesReader extends StdScalarDeserializer<Bytes> {
    private static final long serialVersionUID = 1L;

    BytesReader() {
      super(Bytes.class);
    }

    @Override
    public Bytes deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.hasToken(JsonToken.VALUE_STRING) && !in.hasToken(JsonToken.VALUE_EMBEDDED_OBJECT)) {
        return (Bytes) context.handleUnexpectedToken(Bytes.class, in);
      }
      return Bytes.copyOf(in.getBinaryValue());
    }
  }

  private static final class OptionsWriter extends StdScalarSerializer<ShardingOptions> {
    private static final long serialVersionUID = 1L;

    OptionsWriter() {
      super(ShardingOptions.class);
    }

    @Override
    public void serialize(ShardingOptions value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeRawValue(value.json());
    }
  }
}
