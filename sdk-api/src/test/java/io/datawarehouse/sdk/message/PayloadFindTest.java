package io.datawarehouse.sdk.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PayloadFindTest {

  private record Thing(String name) {}

  /** A codec that must not be asked. */
  private static final class NeverAsked implements PayloadCodec {
    @Override
    public String contentType() {
      return Payload.JSON;
    }

    @Override
    public Bytes encode(Object value) {
      throw new AssertionError("find must not encode");
    }

    @Override
    public <T> T decode(Bytes bytes, String contentType, Class<T> type) {
      throw new AssertionError("find must not decode");
    }

    @Override
    public <T> T convert(Object value, Class<T> type) {
      throw new AssertionError("find must not convert");
    }
  }

  @Test
  void findsTheValueItselfOfThatTypeAndNoOther() {
    Thing thing = new Thing("a");
    Payload payload = Payload.of(thing).withCodec(new NeverAsked());

    assertThat(payload.find(Thing.class)).containsSame(thing);
    assertThat(payload.find(Object.class)).containsSame(thing);
    assertThat(payload.find(String.class)).isEmpty();
  }

  @Test
  void findsNothingInWhatHasComeEncoded() {
    Payload payload = Payload.encoded(Payload.JSON, Bytes.utf8("{}"), new NeverAsked());

    assertThat(payload.find(Object.class)).isEmpty();
    assertThat(payload.find(Bytes.class)).isEmpty();
    assertThat(payload.find(Thing.class)).isEmpty();
  }
}
