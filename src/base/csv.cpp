#include "base/csv.hpp"

#include <utility>

#include "irene/error.hpp"

namespace irene::base {

namespace {

class CsvParser {
  public:
    CsvParser(std::string_view text, const std::string& source) : text_(text), source_(source) {
        constexpr std::string_view kMark = "\xef\xbb\xbf";
        if (text_.starts_with(kMark)) at_ = kMark.size();
    }

    std::vector<CsvRow> rows() {
        std::vector<CsvRow> rows;
        while (at_ < text_.size()) {
            if (ends_line()) {
                pass_line_end();
                continue;
            }
            rows.push_back(row());
            const std::size_t expected = rows.front().cells.size();
            const std::size_t found = rows.back().cells.size();
            if (found != expected) {
                refuse("expected " + std::to_string(expected) + " cells, as the first row has, found " +
                           std::to_string(found),
                       rows.back().line);
            }
        }
        return rows;
    }

  private:
    [[noreturn]] void refuse(const std::string& message, std::size_t line) const {
        throw Error(ErrorKind::data, message, {.file = source_, .line = line});
    }

    bool ends_line() const {
        return text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
    }
    void pass_line_end() {
        at_ += text_[at_] == '\r' ? 2 : 1;
        ++line_;
    }

    CsvRow row() {
        CsvRow row{.line = line_, .cells = {}};
        while (true) {
            row.cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
            if (at_ == text_.size()) return row;
            if (ends_line()) {
                pass_line_end();
                return row;
            }
            ++at_;  // a comma
        }
    }

    std::string plain() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != ',' && !ends_line()) {
            if (text_[at_] == '"') refuse("a quote stands within a cell that has none around it", line_);
            if (text_[at_] == '\0') refuse("a NUL stands in a cell", line_);
            ++at_;
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::string quoted() {
        const std::size_t begin = line_;
        std::string cell;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\0') refuse("a NUL stands in a cell", line_);
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] == '"') {
                if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
                ++at_;
            }
            cell += text_[at_];
        }
        if (at_ == text_.size()) refuse("a quote does not close", begin);
        ++at_;
        if (at_ < text_.size() && text_[at_] != ',' && !ends_line())
            refuse("text stands behind a closing quote", line_);
        return cell;
    }

    std::string_view text_;
    const std::string& source_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source) {
    return CsvParser(text, source).rows();
}

}  // namespace irene::base
