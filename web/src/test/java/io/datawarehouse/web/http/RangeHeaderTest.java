package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.error.WarehouseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeHeaderTest {

  @Test
  void readsOneRange() {
    assertThat(RangeHeader.parse("bytes=0-0")).contains(ByteRange.of(0, 0));
    assertThat(RangeHeader.parse("bytes=5-")).contains(ByteRange.from(5));
    assertThat(RangeHeader.parse("bytes=-5")).contains(ByteRange.suffix(5));
    assertThat(RangeHeader.parse("BYTES= 1-2 ")).contains(ByteRange.of(1, 2));
    assertThat(RangeHeader.parse("bytes=0000000000000000000000001-2")).contains(ByteRange.of(1, 2));
  }

  @Test
  void takesHugeNumbersForPositionsBehindTheEnd() {
    assertThat(RangeHeader.parse("bytes=99999999999999999999-"))
        .contains(ByteRange.from(Long.MAX_VALUE));
    assertThat(RangeHeader.parse("bytes=0-99999999999999999999"))
        .contains(ByteRange.of(0, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-1,3-4", "bytes=0-1, -5", "pages=1-2", "lines=x"})
  void ignoresSeveralRangesAndOtherUnits(String value) {
    assertThat(RangeHeader.parse(value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=1-x",
        "bytes=2-1",
        "bytes=--1",
        "bytes=1--2",
        "bytes=+1-2",
        "bytes=1-2,",
        "bytes=,1-2",
        "bytes=1-2,x",
        "bytes 1-2",
        "=1-2",
        "by tes=1-2",
        "bytes=0x1-2",
        "bytes=١-٢",
        "bytes=1.5-2"
      })
  void refusesMalformedOnesNamingTheHeader(String value) {
    assertThatThrownBy(() -> RangeHeader.parse(value))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("Range is");
  }
}
