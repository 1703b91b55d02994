"""Every layout of MovieLens comes out the same, and a broken file is named."""

import numpy as np
import pytest

from skmmrec.datasets import load_movielens
from tests._shared import shared


def write(folder, encoding="utf-8", **files):
    """Files by name, with an underscore for the dot: ratings_csv="..."."""
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(text.encode(encoding))
    return folder


RATINGS = "userId,movieId,rating,timestamp\n7,20,4.5,978300760\n9,3,1.0,978302109\n"
MOVIES = (
    "movieId,title,genres\n"
    '20,"American President, The (1995)",Comedy|Drama\n'
    "3,Fawlty Towers (1975-1979),Comedy\n"
    "5,Hyena Road,(no genres listed)\n"
)


@pytest.fixture
def csv_folder(tmp_path):
    return write(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES)


def test_comma_separated_release(csv_folder):
    X = load_movielens(csv_folder)
    assert X.user_ids.tolist() == [7, 9]
    assert X.item_ids.tolist() == [20, 3]
    assert X.rating.tolist() == [4.5, 1.0]
    assert X.time.tolist() == [978300760, 978302109]
    assert X.users is None


def test_types_of_the_columns(csv_folder):
    X = load_movielens(csv_folder)
    assert X.user_ids.dtype == X.item_ids.dtype == X.time.dtype == np.int64
    assert X.rating.dtype == np.float32
    assert X.items["movieId"].dtype == np.int64
    assert X.items["year"].dtype == np.float64


def test_every_movie_is_in_the_table_in_the_order_of_the_file(csv_folder):
    items = load_movielens(csv_folder).items
    assert items["movieId"].tolist() == [20, 3, 5]
    assert items["title"][0] == "American President, The (1995)"
    assert items["genres"].tolist() == ["Comedy|Drama", "Comedy", None]
    np.testing.assert_array_equal(items["year"], [1995, 1975, np.nan])
    assert "tags" not in items


def test_tags_of_a_movie_become_one_text(csv_folder):
    tags = "userId,movieId,tag,timestamp\n7,3,funny,1\n9,3,hotel,2\n9,77,lost,3\n"
    items = load_movielens(write(csv_folder, tags_csv=tags)).items
    assert items["tags"].tolist() == [None, "funny, hotel", None]


def test_one_million_layout(tmp_path):
    folder = write(
        tmp_path,
        encoding="latin-1",
        ratings_dat="1::1193::5::978300760\n2::73::3::978302109\n",
        movies_dat="73::Misérables, Les (1995)::Drama|Musical\n1193::Alien (1979)::\n",
        users_dat="1::F::1::10::48067\n2::M::56::16::70072\n",
    )
    X = load_movielens(folder)
    assert X.item_ids.tolist() == [1193, 73]
    assert X.rating.tolist() == [5, 3]
    assert X.items["title"][0] == "Misérables, Les (1995)"
    assert X.items["genres"].tolist() == ["Drama|Musical", None]
    assert X.users["userId"].tolist() == [1, 2]
    assert X.users["gender"].tolist() == ["F", "M"]
    assert X.users["age"].tolist() == [1, 56]
    assert X.users["occupation"].tolist() == ["K-12 student", "self-employed"]


def test_ten_million_layout(tmp_path):
    folder = write(
        tmp_path,
        ratings_dat="1::122::4.5::838985046\n",
        movies_dat="122::Amélie (2001)::Comedy\n",
        tags_dat="15::122::paris!::1215184630\n",
    )
    X = load_movielens(folder)
    assert X.rating.tolist() == [4.5]
    assert X.items["title"][0] == "Amélie (2001)"
    assert X.items["tags"][0] == "paris!"
    assert X.users is None


def hundred_thousand(folder):
    flags = "0|0|1|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0"
    none = "1|" + "|".join("0" * 18)
    return write(
        folder,
        encoding="latin-1",
        u_data="196\t242\t3\t881250949\n186\t2\t4\t891717742\n",
        u_item=f"242|Café au lait (1994) (V)|01-Jan-1994||http://x|{flags}\n"
        f"2|unknown|||\u0085|{none}\n",
        u_user="196|49|M|writer|55105\n186|39|F|executive|00000\n",
    )


def test_hundred_thousand_layout(tmp_path):
    X = load_movielens(hundred_thousand(tmp_path))
    assert X.user_ids.tolist() == [196, 186]
    assert X.items["title"].tolist() == ["Café au lait (1994) (V)", "unknown"]
    assert X.items["genres"].tolist() == ["Adventure|Comedy", None]
    np.testing.assert_array_equal(X.items["year"], [1994, np.nan])
    assert X.users["occupation"].tolist() == ["writer", "executive"]


CONTENT = (
    "movieId,plot,director,cast,year,runtime,language,country,certificate,poster\n"
    '20,"A widowed president,\nin love.",Rob Reiner,"Michael Douglas, Annette Bening",'
    "1996,114 min,English,USA,PG-13,posters/20.jpg\n"
    "3,,,,,,,,,posters/3.jpg\n"
)


def test_content_joins_the_item_table(csv_folder):
    (csv_folder / "posters").mkdir()
    (csv_folder / "posters" / "20.jpg").write_bytes(b"jpeg")
    items = load_movielens(write(csv_folder, content_csv=CONTENT)).items
    assert items["plot"].tolist() == ["A widowed president,\nin love.", None, None]
    assert items["cast"].tolist() == ["Michael Douglas, Annette Bening", None, None]
    np.testing.assert_array_equal(items["runtime"], [114, np.nan, np.nan])


def test_year_of_content_counts_before_that_of_the_title(csv_folder):
    items = load_movielens(write(csv_folder, content_csv=CONTENT)).items
    np.testing.assert_array_equal(items["year"], [1996, 1975, np.nan])


def test_a_poster_is_an_absolute_path_of_a_file_that_exists(csv_folder, monkeypatch):
    (csv_folder / "posters").mkdir()
    (csv_folder / "posters" / "20.jpg").write_bytes(b"jpeg")
    write(csv_folder, content_csv=CONTENT)
    monkeypatch.chdir(csv_folder)
    items = load_movielens(".").items
    there = str(csv_folder / "posters" / "20.jpg")
    assert items["poster"].tolist() == [there, None, None]


def test_content_may_have_some_of_the_columns_only(csv_folder):
    content = "plot,movieId\nA road.,5\n"
    items = load_movielens(write(csv_folder, content_csv=content)).items
    assert items["plot"].tolist() == [None, None, "A road."]
    assert "poster" not in items


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"existing folder; got '.*nowhere'; unpack"):
        load_movielens(tmp_path / "nowhere")


def test_a_folder_without_ratings_says_what_was_looked_for(tmp_path):
    with pytest.raises(ValueError, match=r"\['ratings.csv', 'ratings.dat', 'u.data'\]"):
        load_movielens(tmp_path)


def test_a_folder_without_movies_says_so(tmp_path):
    write(tmp_path, ratings_csv=RATINGS)
    with pytest.raises(ValueError, match=r"must also have .*got no movies.csv"):
        load_movielens(tmp_path)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"ratings_csv": RATINGS + "1,2\n"}, r"Line 4 of .*ratings.csv .*got '1,2'"),
        ({"ratings_csv": RATINGS + "1,2,x,4\n"}, r"Line 4 of .*got '1,2,x,4'"),
        ({"movies_csv": "movieId,title\n1,Heat\n"}, r"Line 1 of .*movies.csv .*genres"),
        ({"movies_csv": MOVIES + "6,Heat (1995)\n"}, r"Line 5 of .*be 3 fields"),
        ({"movies_csv": MOVIES + "six,Heat,Crime\n"}, r"Line 5 of .*got 'six'"),
        ({"movies_csv": MOVIES + '6,"' + "x" * 200_000}, r"Line 5 of .*field limit"),
        ({"movies_csv": ""}, r"Line 1 of .*movieId, title, genres among them"),
        ({"tags_csv": "userId,movieId,tag,timestamp\n1,2\n"}, r"Line 2 of .*tags.csv"),
        ({"content_csv": "movieId,runtime\n3,1 h 3 min\n"}, r"Line 2 .*as runtime"),
        ({"content_csv": "movieId,year\n3,c. 1970\n"}, r"Line 2 .*got 'c. 1970'"),
    ],
)
def test_a_malformed_line_is_named(csv_folder, files, message):
    with pytest.raises(ValueError, match=message):
        load_movielens(write(csv_folder, **files))


def test_a_malformed_line_of_the_old_layouts_is_named(tmp_path):
    hundred_thousand(tmp_path)
    (tmp_path / "u.data").write_text("1\t2\t3\t4\n\n1\t2\t3\n")
    with pytest.raises(ValueError, match=r"Line 3 of .*u.data"):
        load_movielens(tmp_path)


def test_an_unknown_occupation_is_named(tmp_path):
    write(
        tmp_path,
        ratings_dat="1::2::5::978300760\n",
        movies_dat="2::Heat (1995)::Crime\n",
        users_dat="1::F::1::21::48067\n",
    )
    with pytest.raises(ValueError, match=r"Line 1 of .*occupation from 0 to 20"):
        load_movielens(tmp_path)


def test_the_real_small_release():
    X = load_movielens(shared("data/movielens-small"))
    assert len(X) == 100_004
    assert len(np.unique(X.user_codes)) == 671
    items = X.items
    assert len(items["movieId"]) == 9_125
    assert items["title"][0] == "Toy Story (1995)"
    assert items["runtime"][0] == 81
    assert sum(plot is not None for plot in items["plot"]) == 3_169
    assert sum(poster is not None for poster in items["poster"]) == 3_032
    assert np.isnan(items["year"]).sum() == 4
    assert set(X.rating.tolist()) == set(np.arange(0.5, 5.5, 0.5).tolist())


def test_real_content_agrees_with_pandas():
    pandas = pytest.importorskip("pandas")
    folder = shared("data/movielens-small")
    items = load_movielens(folder).items
    movies = pandas.read_csv(folder / "movies.csv")
    assert items["title"].tolist() == movies["title"].tolist()
    content = pandas.read_csv(folder / "content.csv").set_index("movieId")
    plots = content["plot"].reindex(items["movieId"])
    assert plots.fillna("").tolist() == [plot or "" for plot in items["plot"]]
