package io.datawarehouse.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

  private static final Map<String, String> NOTHING = Map.of();

  @TempDir private Path data;

  @Test
  void isDataUnlessTold() {
    assertThat(DataDirectory.from(NOTHING::get, NOTHING::get).path()).isEqualTo(Path.of("data"));
    assertThat(DataDirectory.from(NOTHING::get, Map.of("DW_DATA_DIR", "b")::get).path())
        .isEqualTo(Path.of("b"));
    assertThat(
            DataDirectory.from(Map.of("dw.data.dir", "a")::get, Map.of("DW_DATA_DIR", "b")::get)
                .path())
        .isEqualTo(Path.of("a"));
  }

  @Test
  void isFreeWhereNobodyHoldsIt() throws IOException {
    DataDirectory directory = new DataDirectory(data);

    assertThatCode(directory::requireFree).doesNotThrowAnyException();
    assertThat(data).isEmptyDirectory();

    Files.createFile(data.resolve("node.lock"));
    assertThatCode(directory::requireFree).doesNotThrowAnyException();
    // It held the lock no longer than it looked.
    assertThatCode(directory::requireFree).doesNotThrowAnyException();
  }
}
